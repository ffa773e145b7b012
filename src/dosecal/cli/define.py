"""The command that writes a schedule file."""

import click

from dosecal.model.schedule import BASES


@click.command()
@click.argument("sentence")
@click.option("--medicine", default="", help="Its international nonproprietary name.")
@click.option("--brand", default="", help="Its brand name.")
@click.option("--indication", default="", help="What it is for, and for whom.")
@click.option("--jurisdiction", default="", help="Whose label it is, such as EU.")
@click.option("--source", default="", metavar="TITLE", help="Document, section and date.")
@click.option("--url", default="", help="Where to find the source.")
@click.option("--basis", type=click.Choice(BASES), default="inference", show_default=True,
              help="What kind of source it is.")  # fmt: skip
def define(sentence: str, **facts: str) -> None:
    """Write a schedule file from a SENTENCE to stdout.

    SENTENCE is like "120 mg at weeks 0, 1 and 2, then every 4 weeks from week 6": what `show` and
    `list` print is read. What has more than one reading is refused, and the readings are listed.
    """
    from dosecal.sentence.define import Facts
    from dosecal.sentence.define import define as file_of

    click.echo(file_of(sentence, Facts(**facts)), nl=False)


COMMANDS = {"define": define}
