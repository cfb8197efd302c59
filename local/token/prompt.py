"""Asks a person for values: without echo on a terminal, else line by line from standard input."""

import getpass
import sys

from local.token.vendor import Question


def ask_person(question: Question) -> str:
    """Return the answer to a question; it is not shown if it is to be hidden."""
    text = f"{question.text}: "
    if sys.stdin.isatty():
        answer = getpass.getpass(text) if question.hidden else input(text)
    else:
        answer = sys.stdin.readline()
    return "".join(answer.split())  # a copy may have blanks and line breaks
