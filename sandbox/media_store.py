"""Bytes of uploaded media: beside the state file, or in memory when there is none."""

from pathlib import Path


class MediaStore:
    """Media by id; what is known about each is in the state."""

    def __init__(self, state_path: Path | None) -> None:
        self._folder = state_path.with_name(state_path.name + ".media") if state_path else None
        self._memory: dict[str, bytes] = {}

    def put(self, media_id: str, data: bytes) -> None:
        if self._folder is None:
            self._memory[media_id] = data
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / media_id).write_bytes(data)

    def get(self, media_id: str) -> bytes | None:
        if self._folder is None:
            return self._memory.get(media_id)
        path = self._folder / media_id
        return path.read_bytes() if path.is_file() else None

    def clear(self) -> None:
        self._memory.clear()
        if self._folder and self._folder.is_dir():
            for path in self._folder.iterdir():
                path.unlink()
