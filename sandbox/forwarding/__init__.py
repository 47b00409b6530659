"""The in-app browser: one forwarding server for each person."""
