# ruff: noqa: T201 -- a program for the terminal
"""Checks a receipt of one transaction: python3 receipt.py FILE

Needs nothing but Python, no network, no database and no part of Meritbook; read it before you trust
it. A receipt is the JSON that the page of a transaction offers. What is computed, all SHA-256:

    leaf   = 0x00 and the text of the transaction
    node   = 0x01 and two neighbours, up to the root that the block's text names
    block  = the text of the block; the next block's text names it as prev

The last block's hash is what was told outside the database (file, message, print): compare it with
the copy that you were given yourself. That is the one step that no program can do for you.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import Any


class Broken(ValueError):
    """The receipt does not prove what it says; the sentence says where."""


def check(receipt: dict[str, Any]) -> str:
    """The hash of the last block that the receipt leads to. Raises Broken."""
    try:
        return _check(receipt)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise Broken(f"this is no whole receipt: {error!r}") from error
    except ValueError as error:
        raise error if isinstance(error, Broken) else Broken(str(error)) from error


def _check(receipt: dict[str, Any]) -> str:
    text = receipt["text"]
    if _field(text, "tx") != str(receipt["tx"]):
        raise Broken("the text is of another transaction")
    reached = sha256(b"\x00" + text.encode()).digest()
    if reached.hex() != receipt["leaf"]:
        raise Broken("the text does not give the leaf")
    for step in receipt["path"]:
        neighbour = bytes.fromhex(step["hash"])
        left, right = (neighbour, reached) if step["side"] == "left" else (reached, neighbour)
        reached = sha256(b"\x01" + left + right).digest()
    blocks = receipt["blocks"]
    if not blocks:
        raise Broken("the transaction is not sealed yet")
    if reached.hex() != _field(blocks[0]["text"], "root"):
        raise Broken("the leaf does not lead to the root of its block")
    before = None
    for block in blocks:
        if _field(block["text"], "company") != _field(text, "company"):
            raise Broken("a block is of another company")
        if before is not None and _field(block["text"], "prev") != before:
            raise Broken(f"block {_field(block['text'], 'block')} does not follow the one before")
        before = sha256(block["text"].encode()).hexdigest()
        if before != block["hash"]:
            raise Broken(f"block {_field(block['text'], 'block')} is not what its hash says")
    anchor = receipt["anchor"]
    if anchor is not None and anchor["hash"] != before:
        raise Broken("the last block is not the one that was told outside")
    return str(before)


def _field(text: str, name: str) -> str:
    """The value of the one line ``name=…`` of a text."""
    found = [line for line in text.split("\n") if line.startswith(f"{name}=")]
    if len(found) != 1:
        raise Broken(f"the text does not say {name} once")
    return found[0].removeprefix(f"{name}=")


def main(arguments: list[str]) -> int:
    """Check the file named; 0 it is true, 1 it is not, 2 usage."""
    if len(arguments) != 1:
        print("usage: python3 receipt.py FILE", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            receipt = json.load(file)
        last = check(receipt)
    except (OSError, ValueError) as error:
        print(f"NOT PROVEN: {error}", file=sys.stderr)
        return 1
    print(receipt["text"])
    print(f"PROVEN up to block hash {last}")
    anchor = receipt["anchor"]
    if anchor is None:
        print("It was not told outside yet: nothing to compare with so far.")
    else:
        print(f"Told outside on {anchor['at']} ({anchor['place']}): compare it with your copy.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
