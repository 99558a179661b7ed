"""A page is read as it is seen, in each way in which it may be; what cannot be told is a doubt."""

from __future__ import annotations

import pytest

from adapters.messaging.pages import ReplyDoubt, read_page
from matchers import digits

NUMBER = "07700900123"
DOUBT = frozenset({ReplyDoubt.UNLIKE_ITS_LOOK})


def is_read(page: str) -> bool:
    return bool(digits.find(read_page(page).text, {447700900123}.__contains__))


@pytest.mark.parametrize(
    "element",
    [
        '<input value="{}">',
        '<img alt="{}" src="cid:a">',
        '<b title="{}">x</b> ',
        '<a href="#{}">x</a> ',
        '<ul><li value="{}"></ul>',
        '<select><option label="{}">x</select>',
    ],
)
def test_digits_in_attributes_are_read_however_often_each_stands_there(element: str) -> None:
    assert is_read("".join(element.format(digit) for digit in NUMBER))


def test_what_an_attribute_shows_is_read_in_its_place() -> None:
    assert is_read('<p>07700<input value="900">123</p>')


def test_a_comment_ends_where_a_browser_ends_it() -> None:
    assert is_read("<p>077<!-- --!>00900<!-- -->123</p>")


@pytest.mark.parametrize(
    "style",
    [
        "max-height:1px;overflow:hidden",
        "width:2px;overflow:hidden",
        "font:0/0 a",
        "font:bold 1px/1 Arial",
        "zoom:0.01",
        "scale:0",
        "filter:opacity(0)",
        "display:var(--x)",
        "-webkit-text-fill-color:transparent",
    ],
)
def test_what_a_style_may_hide_is_read_with_it_and_without(style: str) -> None:
    page = read_page(f'<p>07700<span style="{style}">5</span>900123</p>')
    assert page.doubts == DOUBT
    assert is_read(f'<p>07700<span style="{style}">5</span>900123</p>')


@pytest.mark.parametrize("tag", ["dialog", "datalist", "noscript", "noframes", "noembed"])
def test_what_some_programs_do_not_show_is_read_with_it_and_without(tag: str) -> None:
    assert is_read(f"<p>07700<{tag}>5</{tag}>900123</p>")
    assert is_read(f"<p>07700<{tag}>900</{tag}>123</p>")


@pytest.mark.parametrize(
    "rule",
    [
        "span:nth-child(2){display:none}",
        "span:not(.a){display:none}",
        ".a{grid-area:1/2}.b{grid-area:1/1}",
        ".b{order:-1}",
        ".b{translate:-90px}",
        ".b{color:var(--paper)}",
        ".b{color:light-dark(white,black)}",
    ],
)
def test_digits_that_a_rule_moves_or_hides_by_where_they_stand_are_a_doubt(rule: str) -> None:
    page = f"<style>{rule}</style><span class=a>07700</span><span class=b>5</span><span class=a>900123</span>"
    assert read_page(page).doubts == DOUBT


@pytest.mark.parametrize(
    "drawn",
    [
        "".join(f"<meter max=9 value={digit}></meter>" for digit in NUMBER),
        '<tr><td bgcolor="#000000"></td><td>&nbsp;</td></tr>' * 30,
        '<b style="border-left:2px solid"></b>' * 30,
        f'<div style="box-shadow:{",".join(f"{n}px 1px #000" for n in range(30))}"></div>',
        f'<div style="background:linear-gradient({",".join(f"#000 {n}px" for n in range(30))})"></div>',
    ],
)
def test_what_is_drawn_without_a_picture_is_one(drawn: str) -> None:
    assert read_page(drawn).doubts == {ReplyDoubt.PICTURE}


@pytest.mark.parametrize(
    "page",
    [
        '<style>.c{color:#333;width:600px;font:14px/1.5 Arial}</style><table width="600"><tr>'
        '<td bgcolor="#eeeeee" class="c">Your order of 14 November: £24.99</td></tr></table>',
        '<p style="font:normal 0.9em/0 Arial;background:linear-gradient(#fff,#eee)">See you at 10.</p>',
        '<tr><td bgcolor="#ffffff">Chess</td><td style="border:1px solid">Tuesday</td></tr>' * 60,
        '<td bgcolor="#eeeeee" height="20">&nbsp;</td>' * 12,
        "<style>tr:nth-child(2){background:#eee}</style><tr><td>1</td></tr><tr><td>2</td></tr>",
        '<style>a{color:var(--link)}</style>See <a href="#">this</a> <b style="filter:none">now</b>',
        "<p>Hello</p><noscript>Version 2</noscript>",
    ],
)
def test_an_ordinary_page_is_no_doubt(page: str) -> None:
    assert read_page(page).doubts == frozenset()
