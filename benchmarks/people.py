"""How well names are told apart: false matches by the origin of names, the peers beside, and speed.

    python -m benchmarks.people [--names FILE]

Four parts. Fairness: pools of invented people by origin; how often two different people of one pool match,
with the spread that chance alone would give, and how often one person written in another way still does.
Peers: labelled pairs of public figures, and rapidfuzz at the same false rate. The pairs are read from
`--names` (columns name1, name2, is_match; default `../shared/data/tables/names.csv`); where it is absent,
that is said.
First names: pairs that are one person's or two people's, under one family name. Speed: microseconds for one
`read` and one `compare`.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import time
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Final, TypeVar

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from matchers.person import Person, compare, fold, read, tokens

PUBLIC_PAIRS: Final = Path(__file__).parents[2] / "shared/data/tables/names.csv"
FIRST_NAMES: Final = Path(__file__).parent / "first_names.tsv"
_RARE: Final = "Quillfeather"
_T = TypeVar("_T")
MATCHED: Final = ("same", "compatible")

POOLS: Final[dict[str, tuple[str, str]]] = {
    "English": (
        "Sarah Thomas Emma George Hannah Oliver Lucy Edward Alice Henry Charlotte Simon Rachel Martin "
        "Holly Peter Victoria Stephen Gemma Nigel Chloe Adrian Naomi Douglas",
        "Smith Taylor Brown Wilson Walker Wright Robinson Thompson White Green Hall Wood Harris "
        "Clarke Turner Hill Cooper Ward Baker Harrison Carter Bennett Shaw Marsh",
    ),
    "Welsh": (
        "Rhiannon Gareth Angharad Dafydd Sian Rhys Cerys Emyr Nia Iwan Lowri Gwilym Bethan Huw Ffion "
        "Alun Carys Idris Mererid Owain Catrin Gethin Eleri Tudur",
        "Jones Williams Davies Evans Thomas Roberts Lewis Hughes Morgan Griffiths Edwards Owen Price "
        "Lloyd Jenkins Rees Powell Parry Pritchard Bevan Howells Bowen Vaughan Llewellyn",
    ),
    "Irish": (
        "Siobhan Padraig Aoife Ciaran Niamh Declan Orla Fergal Roisin Eoghan Grainne Cormac Sinead "
        "Donal Maeve Brendan Deirdre Colm Ailbhe Tadhg Nuala Oisin Bronagh Seamus",
        "O'Brien Murphy Kelly O'Sullivan Walsh Byrne Ryan O'Connor Doyle McCarthy Gallagher Doherty "
        "Kennedy Lynch Quinn McLoughlin Carroll Connolly Daly Brennan Nolan O'Reilly Flanagan Keane",
    ),
    "hyphenated": (
        "Imogen Rupert Tabitha Hugo Cordelia Jasper Ottilie Piers Beatrix Crispin Flora Barnaby "
        "Harriet Rufus Philippa Lucian Araminta Toby Verity Miles Jemima Ralph Honor Conrad",
        "Ashby-Cole Barton-Webb Carr-Mills Drew-Hayes Fox-Barlow Grant-Perry Hunt-Lacey Irwin-Platt "
        "Kerr-Boyle Lamb-Norris Moss-Tyler Nash-Corby Pell-Warren Quick-Adams Reeve-Stone Sharp-Dunne "
        "Tate-Moran Vine-Harker West-Gilroy York-Benson Dale-Foster Finch-Arnold Lowe-Jarvis "
        "Swan-Mercer",
    ),
    "South Asian Muslim": (
        "Imran Ayesha Bilal Nasreen Tariq Shabana Kashif Rukhsana Waqar Saima Adeel Farzana Zubair "
        "Tahira Naveed Samina Shahid Bushra Asif Nadia Faisal Rehana Junaid Uzma",
        "Khan Hussain Ahmed Begum Akhtar Iqbal Malik Mahmood Shah Mirza Qureshi Chaudhry Bhatti Butt "
        "Ashraf Rafiq Sharif Aslam Javed Hashmi Abbasi Miah Uddin Chowdhury",
    ),
    "Punjabi": (
        "Harpreet Gurdeep Manjit Rajvinder Sukhdev Balbir Jaspal Kulwant Amarjit Paramjit Navdeep "
        "Tejinder Mandeep Ranjit Satnam Kuldip Davinder Inderjit Parminder Lakhbir Surinder Baljit "
        "Jagtar Nirmal",
        "Gill Sandhu Dhillon Sidhu Grewal Bains Dhaliwal Sahota Atwal Johal Virk Chahal Purewal Uppal "
        "Rai Mann Brar Toor Deol Hundal Cheema Randhawa Bassi Heer",
    ),
    "Gujarati and Hindi": (
        "Priya Rajesh Meena Sunil Kavita Dilip Anjali Hitesh Nisha Bhavesh Jyoti Mukesh Pooja Kirit "
        "Shilpa Naresh Deepa Ashok Rekha Vijay Hemal Suresh Lata Pankaj",
        "Patel Shah Mehta Desai Joshi Sharma Trivedi Parmar Solanki Chauhan Gupta Verma Agarwal Bhatt "
        "Pandya Amin Modi Thakkar Vyas Mistry Rana Kapoor Saxena Iyer",
    ),
    "Polish": (
        "Agnieszka Piotr Katarzyna Tomasz Zbigniew Beata Grzegorz Malgorzata Krzysztof Iwona Marek "
        "Dorota Wojciech Ewelina Jacek Renata Slawomir Halina Tadeusz Urszula Pawel Bozena Dariusz "
        "Zofia",
        "Nowak Wisniewski Wojcik Kaminski Zielinski Szymanski Wozniak Dabrowski Mazur Krawczyk "
        "Piotrowski Grabowski Pawlowski Michalski Adamczyk Dudek Wieczorek Jablonski Stepien Gorski "
        "Rutkowski Sikora Baran Szewczyk",
    ),
    "West African": (
        "Adebayo Ngozi Kwame Folasade Chinedu Abena Oluwaseun Ifeoma Kofi Yetunde Obinna Akosua "
        "Babatunde Chiamaka Yaw Temitope Emeka Efua Ayodele Nkechi Kwabena Bukola Uchenna Ama",
        "Okafor Adeyemi Mensah Balogun Nwosu Owusu Ogunleye Eze Boateng Adewale Obi Asante Okonkwo "
        "Afolabi Osei Bello Onyeka Appiah Oyelaran Chukwu Antwi Ojo Ibekwe Danso",
    ),
    "Arabic": (
        "Fatima Khalid Layla Omar Huda Tarek Salma Bassam Amira Ziad Rania Nabil Dina Marwan Hanan "
        "Faris Samira Walid Noura Jamal Iman Adnan Yasmin Karim",
        "al-Masri Haddad al-Najjar Khoury Mansour al-Hashimi Saleh Darwish al-Jabouri Nasser Awad "
        "al-Rashid Hamdan Kassem al-Tamimi Barakat Fayad al-Sayed Zaki Shaheen Qasim al-Bakri Murad "
        "Halabi",
    ),
    "Chinese": (
        "Wei Fang Ming Xiuying Jun Lihua Qiang Yan Tao Meiling Hao Jing Guang Xiaoli Peng Shan Zhen "
        "Hui Jianguo Rong Bin Yulan Chao Dongmei",
        "Li Wang Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng "
        "Liang Xie Tang",
    ),
    "Romanian": (
        "Ionela Gheorghe Mihaela Vasile Andreea Florin Ramona Dumitru Camelia Bogdan Luminita "
        "Cristian Daniela Sorin Violeta Marius Simona Constantin Anca Ovidiu Oana Lucian Raluca "
        "Viorel",
        "Popescu Ionescu Dumitru Stan Stoica Gheorghiu Matei Ciobanu Munteanu Rusu Serban Lazar "
        "Moldovan Balan Toma Dobre Nistor Florea Tudor Cojocaru Manole Ungureanu Barbu Neagu",
    ),
}


def pairs_of_strangers(given: list[str], family: list[str]) -> list[tuple[str, str]]:
    """Pairs of first names under one family name, of family names under one first name, and of both."""
    pairs = [(f"{a} {family[i % len(family)]}", f"{b} {family[i % len(family)]}")
             for i, (a, b) in enumerate(combinations(given, 2))]  # fmt: skip
    pairs += [(f"{given[i % len(given)]} {a}", f"{given[i % len(given)]} {b}")
              for i, (a, b) in enumerate(combinations(family, 2))]  # fmt: skip
    chance = random.Random(7)
    people = [f"{a} {b}" for a in given for b in family]
    while len(pairs) < 3 * math.comb(len(given), 2):
        a, b = chance.sample(people, 2)
        if a.split()[0] != b.split()[0] and a.split()[1] != b.split()[1]:
            pairs.append((a, b))
    return pairs


def written_otherwise(name: str, chance: random.Random) -> list[tuple[str, str]]:
    """One person's name as others write it: (way, text). The slip swaps letters in the longest word."""
    given, family = name.split(" ", 1)
    word = max(given, family, key=len)
    at = chance.randrange(1, len(word) - 1)
    doubled = word[at] == word[at + 1]
    slipped = word[:at] + ("" if doubled else word[at + 1]) + word[at] + word[at + 2 :]
    ways = [
        ("comma", f"{family.upper()}, {given}"),
        ("title", f"Mx {given} {family}"),
        ("initial", f"{given[0]} {family}"),
        ("capitals", name.upper()),
        ("middle name", f"{given} Xan {family}"),
        ("joined", name.replace("-", " ").replace("'", " ")),
    ]
    return ways + ([("slip", name.replace(word, slipped))] if len(word) > 5 else [])


def fairness() -> None:
    """Print false and true matches by origin, and whether the false ones differ by more than chance."""
    rows: list[tuple[str, int, int, int, int]] = []
    ways: dict[str, list[int]] = {}
    for origin, (given, family) in POOLS.items():
        strangers = pairs_of_strangers(given.split(), family.split())
        false = [pair for pair in strangers if compare(read(pair[0]), read(pair[1])).level in MATCHED]
        for a, b in false:
            print(f"  false match: {a} | {b}: {'; '.join(compare(read(a), read(b)).steps)}")
        chance = random.Random(11)
        found = asked = 0
        for a, b in zip(given.split(), family.split(), strict=True):
            for way, text in written_otherwise(f"{a} {b}", chance):
                hit = compare(read(text), read(f"{a} {b}")).level in MATCHED
                found, asked = found + hit, asked + 1
                ways.setdefault(way, []).append(hit)
                if not hit:
                    print(f"  missed ({way}): {text} | {a} {b}")
        rows.append((origin, len(false), len(strangers), found, asked))
    overall = sum(row[1] for row in rows) / sum(row[2] for row in rows)
    print(f"{'origin':20} {'false':>6} {'of':>6} {'rate':>8} {'z':>6}   {'found':>6} {'of':>6} {'rate':>8}")
    statistic = 0.0
    for origin, false_count, total, found, asked in rows:
        expected = overall * total
        z = (false_count - expected) / math.sqrt(max(expected * (1 - overall), 1e-9))
        statistic += z * z
        rate, recall = false_count / total, found / asked
        print(
            f"{origin:20} {false_count:6} {total:6} {rate:8.2%} {z:6.1f}   {found:6} {asked:6} {recall:8.2%}"
        )
    # 95 % point of chi-squared, Wilson and Hilferty's approximation.
    freedom = len(rows) - 1
    limit = freedom * (1 - 2 / (9 * freedom) + 1.645 * math.sqrt(2 / (9 * freedom))) ** 3
    verdict = "within chance" if statistic <= limit else "MORE THAN CHANCE"
    print(
        f"overall {overall:.3%}; chi-squared {statistic:.1f} on {freedom}, 95 % point {limit:.1f}: {verdict}"
    )
    print("found by way of writing: " + ", ".join(f"{way} {sum(h) / len(h):.1%}" for way, h in ways.items()))


def peers(path: Path) -> None:
    """Print recall at our false rate beside rapidfuzz's, on labelled pairs."""
    if not path.exists():
        print(f"labelled pairs are absent ({path}): no comparison with peers made")
        return
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["name1"], row["name2"], row["is_match"] == "true") for row in csv.DictReader(file)]
    ours = [compare(read(a), read(b)) for a, b, _ in rows]
    scores: dict[str, list[float]] = {
        "token_sort_ratio": [float(fuzz.token_sort_ratio(fold(a), fold(b))) for a, b, _ in rows],
        "Jaro-Winkler": [JaroWinkler.similarity(fold(a), fold(b)) for a, b, _ in rows],
        "Jaro-Winkler, sorted": [
            JaroWinkler.similarity(" ".join(sorted(fold(a).split())), " ".join(sorted(fold(b).split())))
            for a, b, _ in rows
        ],
    }
    labels = [label for _, _, label in rows]
    for levels in (("same",), MATCHED):
        false, true = _rates([match.level in levels for match in ours], labels)
        print(f"ours, {' or '.join(levels)}: {true:.1%} of the matches at {false:.1%} of the others", end="")
        for peer, values in scores.items():
            print(f"; {peer} {_recall_at(values, labels, false):.1%}", end="")
        print()


def _rates(said: list[bool], labels: list[bool]) -> tuple[float, float]:
    positives = sum(labels)
    true = sum(s and label for s, label in zip(said, labels, strict=True))
    false = sum(s and not label for s, label in zip(said, labels, strict=True))
    return false / (len(labels) - positives), true / positives


def _recall_at(values: list[float], labels: list[bool], false_rate: float) -> float:
    """The best recall over all thresholds whose false rate is not above the one given."""
    best = 0.0
    for threshold in sorted(set(values)):
        false, true = _rates([value >= threshold for value in values], labels)
        if false <= false_rate + 1e-12:
            best = max(best, true)
    return best


def first_names() -> None:
    """Print how many short forms and spellings are found, and how many other names taken for one."""
    answers: dict[tuple[str, str], list[bool]] = {}
    for line in FIRST_NAMES.read_text(encoding="utf-8").splitlines()[2:]:
        half, one, other, same = line.split("\t")
        match = compare(read(f"{one} {_RARE}"), read(f"{other} {_RARE}"))
        answers.setdefault((half, same), []).append(match.level in MATCHED)
    for half in ("first", "second"):
        found, false = answers[half, "y"], answers[half, "n"]
        print(
            f"first names, {half} half: {sum(found) / len(found):.1%} of {len(found)} forms found, "
            f"{sum(false) / len(false):.1%} of {len(false)} other names taken for one"
        )


def speed() -> None:
    """Print microseconds for one `read` and one `compare`, its words met for the first time and again."""
    chance = random.Random(3)
    texts = [
        f"{chance.choice(g.split())} {chance.choice(f.split())}"
        for g, f in POOLS.values()
        for _ in range(400)
    ]
    texts += [f"Mrs {text.split()[0][0]} {text.split(' ', 1)[1]}" for text in texts[::5]]
    chance.shuffle(texts)
    print(f"read: {_each(read, texts):.2f} µs a name", end="")
    people = [read(text) for text in texts]
    pairs = list(zip(people, chance.sample(people, len(people)), strict=True))
    tokens.forget()
    print(f"; compare: {_each(_compare, pairs):.2f} µs a pair, words met first", end="")
    print(f", {_each(_compare, pairs):.2f} µs later", end="")
    print(f"; token_sort_ratio: {_each(_token_sort, list(pairwise(texts))):.2f} µs")


def _compare(pair: tuple[Person, Person]) -> object:
    return compare(*pair)


def _token_sort(pair: tuple[str, str]) -> object:
    return fuzz.token_sort_ratio(*pair)


def _each(call: Callable[[_T], object], arguments: list[_T]) -> float:
    start = time.perf_counter()
    for argument in arguments:
        call(argument)
    return (time.perf_counter() - start) / len(arguments) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description="Names: false matches by origin, peers, speed")
    parser.add_argument(
        "--names", type=Path, default=PUBLIC_PAIRS, help="labelled pairs: name1, name2, is_match"
    )
    arguments = parser.parse_args()
    fairness()
    peers(arguments.names)
    first_names()
    speed()


if __name__ == "__main__":
    main()
