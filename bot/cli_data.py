"""The commands of `luzhang` that work on a database: imports, cases, scores, periods, ledger, backup."""


