"""Files under UPLOAD_DIR, by random names. A file is there whole or not at all. Blocking: called in a thread."""

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

from errors import TooLarge

PIECE = 256 * 1024  # bytes
THUMBNAIL = 640  # pixels of the longer side
AVATAR = 256  # pixels of each side
ORPHAN_AFTER = 3600  # seconds: younger files may belong to an upload that is not in the database yet
ORIENTATION = 0x0112  # of EXIF


class Blobs:
    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, file: str) -> Path:
        return self.folder / file[:2] / file

    def thumbnail(self, file: str) -> Path:
        return self.folder / file[:2] / f"{file}.thumbnail"

    def receive(self, stream: BinaryIO, most: int) -> Path:
        """Copy an upload into a file of its own that is not anybody's yet. TooLarge above `most` bytes."""
        partial = self.folder / "incoming" / secrets.token_hex(16)
        partial.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        size = 0
        try:
            with partial.open("xb") as target:
                while piece := stream.read(PIECE):
                    size += len(piece)
                    if size > most:
                        raise TooLarge(most)
                    target.write(piece)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return partial

    def keep(self, partial: Path, content_type: str) -> str:
        """Give a received file its final, random name, and an image its thumbnail. Returns the name."""
        file = secrets.token_hex(16)
        if content_type == "image/jpeg":
            _forget_where_it_was_taken(partial)
        target = self.path(file)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if content_type.startswith("image/"):
            _make_thumbnail(partial, self.thumbnail(file))
        _to_disk(partial)
        partial.rename(target)
        return file

    def keep_avatar(self, partial: Path) -> str:
        """A square picture of somebody. Returns its file name."""
        name = f"{secrets.token_hex(16)}.webp"
        target = self.folder / "avatars" / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Image.open(partial) as image:
            square = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (AVATAR, AVATAR))
            square.save(target, "WEBP", quality=85)
        partial.unlink()
        return name

    def delete(self, files: list[str]) -> None:
        for file in files:
            self.path(file).unlink(missing_ok=True)
            self.thumbnail(file).unlink(missing_ok=True)

    def delete_avatar(self, name: str) -> None:
        (self.folder / "avatars" / Path(name).name).unlink(missing_ok=True)

    def old(self) -> Iterator[Path]:
        """Every file that is old enough to be somebody's, if it is anybody's; avatars apart."""
        limit = time.time() - ORPHAN_AFTER
        for path in self.folder.glob("*/*"):
            if path.parent.name != "avatars" and path.is_file() and path.stat().st_mtime < limit:
                yield path


def _forget_where_it_was_taken(path: Path) -> None:
    """Take the metadata (place, time, camera) out of a photograph; its pixels and orientation stay."""
    with Image.open(path) as image:
        exif = Image.Exif()
        exif[ORIENTATION] = image.getexif().get(ORIENTATION, 1)
        profile = image.info.get("icc_profile")
        clean = path.with_suffix(".clean")
        image.save(clean, "JPEG", quality="keep", exif=exif, icc_profile=profile)
    clean.replace(path)


def _make_thumbnail(source: Path, target: Path) -> None:
    with Image.open(source) as image:
        image.draft("RGB", (THUMBNAIL * 2, THUMBNAIL * 2))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        has_alpha = "A" in small.getbands() or "transparency" in small.info
        small.convert("RGBA" if has_alpha else "RGB").save(target, "WEBP", quality=80)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
