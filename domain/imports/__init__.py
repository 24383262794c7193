"""Files of the city office, row by row, into the values the rest of the product works with.

Every reader takes rows of `(line, {column: cell})`, the header being line 1 and cells already stripped, collects every
problem it finds and refuses the whole file when there is one, so that nothing is ever half imported.
"""
