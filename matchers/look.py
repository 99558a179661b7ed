"""A text as all its readers first look at it: folded and cut once, and asked cheaply what it cannot hold.

    >>> Look("See you Sunday.").odd_signs
    b''

Every question here has a safe side: where it is answered wrongly, a reader looks for what is not there.
"""

from matchers import folding

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_LETTERS_ALONE = bytes(code if code in _LETTERS else 32 for code in range(256))
_SIGNS = bytes(code for code in range(256) if code not in _LETTERS + b"0123456789")
_EVERYDAY = _LETTERS + b"0123456789 \n\r\t.,!?'\""


class Look:
    """One text in the forms in which its readers read it."""

    __slots__ = (
        "_distinct",
        "_squeezed",
        "digits",
        "encoded",
        "odd_signs",
        "plain",
        "plain_words",
        "searched",
        "text",
        "words",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = folding.plain(text)
        """The text as `folding.plain` has it: what a reader sees of it, and the steps taken."""
        self.searched = searched = folding.search_form(text, self.plain[0])
        """The text in its `search_form`, in which words are looked for."""
        self.encoded = encoded = searched.encode("ascii", "replace")
        """The searched text as ASCII, every other character as a question mark."""
        self.words = encoded.translate(_LETTERS_ALONE).decode().split()
        """The runs of ASCII letters of the searched text, in their order."""
        self.odd_signs = encoded.translate(None, _EVERYDAY)
        """The ASCII signs of the searched text that are not everyday ones: all but . , ! ? and quotes."""
        self.digits = folding.digit_runs(searched)
        """The runs of the digits 0 to 9 in the searched text, and where each begins."""
        self.plain_words = not self.odd_signs and searched.isascii() and self._has_plain_words()
        """Whether every word is of letters alone or digits alone, with no sign but , ! ? or a quote inside.

        Most texts are of such words; False says nothing.
        """
        self._distinct: frozenset[str] | None = None
        self._squeezed: str | None = None

    @property
    def distinct(self) -> frozenset[str]:
        """The different ones among the words."""
        if self._distinct is None:
            self._distinct = frozenset(self.words)
        return self._distinct

    @property
    def squeezed(self) -> str:
        """The ASCII letters and digits of the searched text alone."""
        if self._squeezed is None:
            self._squeezed = self.encoded.translate(None, _SIGNS).decode()
        return self._squeezed

    def _has_plain_words(self) -> bool:
        encoded = self.encoded
        stops = encoded.count(b".")
        if stops and stops != encoded.count(b". ") + encoded.endswith(b"."):
            return False
        text = self.searched
        for run, at in self.digits:
            end = at + len(run)
            if text[at - 1 : at].isalpha() or text[end : end + 1].isalpha():
                return False
        return True
