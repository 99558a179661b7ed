"""What a scanner may hand in, for who takes it and does not open it."""

LONGEST_FILE = 40 * 1024 * 1024
"""Bytes: a page of A4 in colour at 600 dpi, hardly compressed."""
KINDS = "JPEG, PNG, TIFF, HEIC, AVIF, WebP, GIF, BMP or PDF"
"""What is read, whatever the file's name ends in."""


class ImageError(ValueError):
    """A file that cannot be used as a picture; the text says why and holds nothing of it."""
