"""Read the next policy from a file, say what differs, and put it into force."""
