"""What an uploaded file really is, by its content; what it may be called.

Blocking: called in a thread. Everything that is not on the list is refused, whatever it is named.
"""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

import puremagic
from PIL import Image, UnidentifiedImageError

from errors import Invalid, UnsupportedType

HEAD = 8192  # bytes that tell the type
MOST_PIXELS = 50_000_000
LONGEST_NAME = 200

IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
OFFICE = "application/vnd.openxmlformats-officedocument."
# Content type: the extensions it may have, the usual one first.
EXTENSIONS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jfif"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    "audio/mpeg": ("mp3", "mpga"),
    "audio/mp4": ("m4a",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/wav": ("wav",),
    "video/mp4": ("mp4", "m4v"),
    "video/webm": ("webm",),
    "video/quicktime": ("mov",),
    OFFICE + "wordprocessingml.document": ("docx",),
    OFFICE + "spreadsheetml.sheet": ("xlsx",),
    OFFICE + "presentationml.presentation": ("pptx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
    "application/zip": ("zip",),
    "text/plain": ("txt", "log", "md"),
    "text/csv": ("csv",),
}
# Told by their first bytes, asked in this order.
BY_MAGIC = (
    "application/pdf",
    "audio/mp4",
    "video/quicktime",
    "video/mp4",
    "video/webm",
    "audio/ogg",
    "audio/wav",
    "audio/mpeg",
)
OFFICE_PARTS = {"word/": ("docx",), "xl/": ("xlsx",), "ppt/": ("pptx",)}
MARKUP = re.compile(r"\s*<(?:!doctype|!--|\?xml|html|head|body|script|svg|iframe)\b|\s*<\?", re.IGNORECASE)
# Overrides of the writing direction, and what has no width: they make a name look like another.
DECEIVING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

ALLOWED = "Images, PDF, text, office documents, ZIP, audio and video can be sent."


@dataclass(frozen=True)
class FileType:
    content_type: str
    width: int | None = None  # pixels, as it is seen (turned by its EXIF orientation)
    height: int | None = None


def recognise(path: Path, name: str) -> FileType:
    """The type of a file. UnsupportedType if it is not allowed, or is no whole image; Invalid if it is empty."""
    if path.stat().st_size == 0:
        raise Invalid({"file": ["The file is empty."]})
    found = _image(path) or _document(path, extension_of(name))
    if found is None:
        raise UnsupportedType(f"{name} is of a kind that cannot be sent. {ALLOWED}")
    _check_extension(name, found.content_type)
    return found


def clean_name(name: str) -> str:
    """What people call the file: no folders, no control or deceiving characters, not empty, not long."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = DECEIVING.sub("", "".join(letter for letter in name if letter.isprintable())).strip(". ")
    if len(name) <= LONGEST_NAME:
        return name or "file"
    extension = extension_of(name)
    return f"{name[: LONGEST_NAME - len(extension) - 1]}.{extension}" if extension else name[:LONGEST_NAME]


def fitting_name(name: str, content_type: str) -> str:
    """The name with an extension that fits its content."""
    fitting = EXTENSIONS[content_type]
    if extension_of(name) in fitting:
        return name
    stem = name.rpartition(".")[0] if extension_of(name) else name
    return f"{stem}.{fitting[0]}"


def extension_of(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if stem and dot and len(extension) <= 8 else ""


def _check_extension(name: str, content_type: str) -> None:
    """A name that promises something else is refused; one image for another is only a slip."""
    extension = extension_of(name)
    if not extension or extension in EXTENSIONS[content_type]:
        return
    both_images = content_type.startswith("image/") and any(extension in EXTENSIONS[other] for other in IMAGES.values())
    if not both_images:
        raise UnsupportedType(f"{name} is not what its name says: its content is {content_type}.")


def _image(path: Path) -> FileType | None:
    """An image that can be decoded to its last row, or None if it is no image."""
    try:
        with Image.open(path, formats=list(IMAGES)) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise UnsupportedType(f"The image is too large: {width} × {height} pixels.")
            image.load()
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            size = (height, width) if turned else (width, height)
            return FileType(IMAGES[str(image.format)], *size)
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnsupportedType("The image is damaged or not complete.") from error


def _document(path: Path, extension: str) -> FileType | None:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if zipfile.is_zipfile(path) and head[:2] == b"PK":
        return FileType(_container(path))
    if (content_type := _by_magic(head)) is not None:
        return FileType(content_type)
    if _is_text(path):
        return FileType("text/csv" if extension == "csv" else "text/plain")
    return None


def _by_magic(head: bytes) -> str | None:
    try:
        guesses = {match.extension.lstrip(".") for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return None
    for content_type in BY_MAGIC:
        if guesses & set(EXTENSIONS[content_type]):
            return content_type
    return None


def _container(path: Path) -> str:
    """Which kind of ZIP it is. One with macros is refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names[:1] else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise UnsupportedType("The archive is damaged.") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnsupportedType("Documents with macros cannot be sent.")
    if kind in EXTENSIONS:
        return kind
    for folder, extensions in OFFICE_PARTS.items():
        if "[Content_Types].xml" in names and any(name.startswith(folder) for name in names):
            return next(known for known, fitting in EXTENSIONS.items() if fitting == extensions)
    return "application/zip"


def _is_text(path: Path) -> bool:
    """UTF-8 from the first byte to the last, without control characters, and no markup that a browser would run."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not MARKUP.match(text) and not re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text)
