"""The texts that the account answers with, read from a file that an admin edits."""


class ReplyTexts:
    """Placeholder for the interface that `context` names; filled with the routing table."""
