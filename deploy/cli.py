"""The command `parley`."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from deploy.commands import (
    audit,
    check,
    classify,
    dead_letters,
    evaluate,
    keys,
    people,
    provision,
    rebuild,
    recover,
    replay,
    run,
    sign_in,
    text,
    up,
)
from deploy.failure import failure_of
from deploy.showing import note, show_json
from services.runtime import logs


class Sentences(TyperGroup):
    """A group of commands whose failures are sentences and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; tell of its failure in a sentence, on stderr or as JSON on stdout."""
        as_json = "--json" in (*getattr(ctx, "_protected_args", ()), *ctx.args)
        # Answers are on stdout, whoever has something to say beside them on stderr.
        logs.configure("parley", "warning", stream=sys.stderr)
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:
            raise typer.Exit(0) from None
        except Exception as error:
            if hasattr(error, "exit_code"):
                raise  # a usage error, which the command line itself explains
            failure = failure_of(error)
            if as_json:
                show_json({"error": str(failure), "exit_code": failure.code})
            else:
                note(str(failure))
            raise typer.Exit(failure.code) from None


app = typer.Typer(
    cls=Sentences,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="The SMS channel of a global agent.",
)
for command in (up, run, text, sign_in, check, provision, recover, rebuild, classify, evaluate):
    app.command(command.NAME)(command.command)
for group in (keys, dead_letters, replay, audit, people):
    app.add_typer(group.commands, name=group.NAME)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
