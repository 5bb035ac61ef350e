"""What each family of tokens is asked, and how its answer is read: bytes in, a reading out.

One small module per family, pure over `Transmit`: a function that carries one command to the card.
Each has `read(transmit)`, which returns what the card is or raises NotThisFamily or Unreadable,
whatever the card answers; an error of `transmit` itself passes through. No module here holds a
command that writes, resets or authenticates.
"""
