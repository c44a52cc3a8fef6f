"""What is written on a printed paper, read from the PDF itself."""

import subprocess


def text_of(answer) -> str:
    """The PDF's words without spaces: line breaks and no-break spaces do not matter."""
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF"), answer.status_code
    read = subprocess.run(["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True)
    return "".join(read.stdout.decode().split())


def says(answer, *phrases) -> bool:
    """Whether the paper says every phrase, whatever its spaces and line breaks; fails with what is missing."""
    text = text_of(answer)
    missing = [phrase for phrase in phrases if "".join(phrase.split()) not in text]
    assert not missing, (missing, text)
    return True
