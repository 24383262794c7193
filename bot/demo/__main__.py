"""`python -m bot.demo`: the demo without the command line around it."""

import typer

from bot.demo.main import run


def main(port: int = 8080, no_browser: bool = False) -> None:
    """Run the demo. Raises typer.Exit with its exit code."""
    raise typer.Exit(run(port, no_browser))


if __name__ == "__main__":
    typer.run(main)
