"""The program is killed again and again while people talk to it, and then the books are compared."""
