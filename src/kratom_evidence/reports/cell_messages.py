"""What a process that runs cells tells: messages of the Jupyter protocol, each a kind and its content."""

from typing import Any, TypeAlias

Message: TypeAlias = dict[str, Any]
# The kind of the message with which a cell ends.
REPLY = "execute_reply"
