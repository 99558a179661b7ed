"""Invented addresses abroad: other ways to write each, and other doors beside it."""

from __future__ import annotations

import pytest

from matchers.address import Address, compare
from matchers.address.foreign import read_other, signs
from matchers.address.us import read_us
from matchers.address.vocabulary import fold


def read(text: str) -> Address:
    folded = fold(text)
    return read_us(text, folded) if "US" in signs(folded) else read_other(text, folded)


ADDRESSES: list[tuple[str, list[str], list[str]]] = [
    (
        "Via Giuseppe Tansi 12, int. 4, 00199 Roma, Italy",
        [
            "V. G. Tansi 12/4\n00199 Roma RM",
            "Via Tansi 12 interno 4\nRome\nItalia",
            "via giuseppe tansi, 12, int 4, Rzym, Włochy",
        ],
        [
            "Via Giuseppe Tansi 14, int. 4\n00199 Roma",
            "Via Giuseppe Tansi 12, int. 5\n00199 Roma\nItalia",
            "Via Carlo Ginestra 12, int. 4\n00199 Roma\nItaly",
            "Via Giuseppe Tansi 12\n20199 Milano\nItalia",
        ],
    ),
    (
        "Viale dei Tigli 30, scala B, interno 7, 10199 Torino TO, Italia",
        ["V.le dei Tigli 30 sc. B int. 7\n10199 Torino", "Viale Tigli, 30\nTurin\nItaly"],
        ["Viale dei Tigli 30 sc. A int. 7\n10199 Torino", "Via dei Tigli 31\n10199 Torino"],
    ),
    (
        "Piazza Olmi 5, 50199 Firenze, Italy",
        ["P.za Olmi 5\n50199 Florence", "Piazza Olmi, 5\nFirenze FI"],
        ["Piazza Olmi 6\n50199 Firenze", "Piazza Betulle 5\n50199 Firenze"],
    ),
    (
        "Rua das Tílias 22, 3º Esq, 4099-123 Porto, Portugal",
        ["R. das Tilias nº22 3 Esq.\n4099-123 Porto", "Rua das Tilias, 22 - 3º Esquerdo\nPorto\nPortugal"],
        ["Rua das Tílias 22, 3º Dto\n4099-123 Porto", "Rua das Tílias 24, 3º Esq\n4099-123 Porto\nPortugal"],
    ),
    (
        "Av. dos Freixos 101, R/C Dto, 1099-045 Lisboa",
        ["Avenida dos Freixos, 101 r/c direito\n1099-045 Lisbon"],
        ["Avenida dos Freixos 101, 1º Dto\n1099-045 Lisboa"],
    ),
    (
        "Lindenstraat 17-2, 1099 XA Amsterdam, Netherlands",
        ["Lindenstraat 17-2\n1099XA Amsterdam", "Linden Straat 17 - 2, Amsterdam, Nederland"],
        ["Lindenstraat 19-2\n1099 XA Amsterdam"],
    ),
    (
        "Tansylaan 8 bus 3, 9099 Gent, Belgium",
        ["Tansylaan 8/3\n9099 Ghent\nBelgië", "Tansy laan 8 bus 3, B-9099 Gent"],
        ["Tansylaan 8 bus 4\n9099 Gent", "Tansylaan 10 bus 3\n9099 Gent\nBelgique"],
    ),
    (
        "Rue du Tilleul 8 bte 3, 1099 Bruxelles, Belgique",
        ["8 rue du Tilleul, boîte 3, 1099 Brussels", "Rue du Tilleul 8 bte 3\nB-1099 Bruxelles"],
        ["Rue du Tilleul 8 bte 5\n1099 Bruxelles", "Rue du Frêne 8 bte 3\n1099 Bruxelles\nBelgium"],
    ),
    (
        "Birkenweg 3, 8099 Zürich, Switzerland",
        ["Birkenweg 3\n8099 Zuerich\nSchweiz", "Birken Weg 3, CH-8099 Zurich"],
        ["Birkenweg 5\n8099 Zürich"],
    ),
    (
        "Tannengasse 9/2/14, 1099 Wien, Austria",
        ["Tannengasse 9, Stiege 2, Top 14\n1099 Wien", "Tannengasse 9/2/14\nA-1099 Vienna\nÖsterreich"],
        ["Tannengasse 9/2/15\n1099 Wien"],
    ),
    (
        "Dlouhá Lípa 12, 110 99 Praha 1, Czech Republic",
        ["Dlouha Lipa 12\n11099 Praha\nČesko", "Dlouhá Lípa 12, Prague 1, Czechia"],
        ["Dlouhá Lípa 14\n110 99 Praha 1"],
    ),
    (
        "Hársfa utca 14. 2. em. 5., 1099 Budapest, Hungary",
        ["Harsfa u. 14 2/5\n1099 Budapest\nMagyarország", "1099 Budapest, Hársfa utca 14"],
        ["Hársfa utca 16\n1099 Budapest"],
    ),
    (
        "Strada Teilor nr. 5, bl. B2, sc. A, et. 3, ap. 14, 700999 Iași, România",
        ["Str. Teilor 5, bl B2, ap 14\nIasi 700999", "str teilor nr 5 bl. b2 sc. a ap. 14, Jassy, Romania"],
        [
            "Strada Teilor nr. 5, bl. B2, sc. A, ap. 15\n700999 Iași",
            "Strada Teilor nr. 7, bl. B2, ap. 14, Iași, Romania",
        ],
    ),
    (
        "Bd. Castanilor 22, București, sector 3, Romania",
        ["Bulevardul Castanilor nr. 22\nsector 3\nBucharest", "B-dul Castanilor 22 Bucuresti Romania"],
        ["Bd. Castanilor 24, București, sector 3"],
    ),
    (
        "Ihlamur Caddesi No: 15 D: 4, Kadıköy, 34799 İstanbul, Turkey",
        ["Ihlamur Cad. 15/4\nKadikoy\nIstanbul\nTürkiye"],
        ["Ihlamur Caddesi No: 17 D: 4, Kadıköy, İstanbul"],
    ),
    (
        "Flamourias 12, 115 99 Athina, Greece",
        ["Flamourias 12\n11599 Athens\nGreece", "Odos Flamourias 12, Athens, Griechenland"],
        ["Flamourias 14\n11599 Athina"],
    ),
    (
        "Lindgatan 5, lgh 1201, 114 99 Stockholm, Sweden",
        ["Lindgatan 5 lgh 1201\nSE-114 99 Stockholm\nSverige", "Lind gatan 5, Stockholm, Szwecja"],
        ["Lindgatan 7, lgh 1201\n11499 Stockholm", "Lindgatan 5, lgh 1202\n11499 Stockholm"],
    ),
    (
        "Lindevej 4, 2. tv, 2199 København Ø, Denmark",
        ["Lindevej 4, 2 tv\n2199 Copenhagen\nDanmark"],
        ["Lindevej 4, 2. th\n2199 København"],
    ),
    (
        "Lehmuskatu 3 A 12, 00999 Helsinki, Finland",
        ["Lehmuskatu 3A12\n00999 Helsinki\nSuomi", "Lehmuskatu 3 A 12, FI-00999 Helsingfors"],
        ["Lehmuskatu 5 A 12\n00999 Helsinki"],
    ),
    (
        "Liepų g. 7-12, LT-01999 Vilnius, Lithuania",
        ["Liepu gatve 7-12\nVilnius\nLitwa", "Liepų g. 7, butas 12, 01999 Vilnius"],
        ["Liepų g. 7-13\nLT-01999 Vilnius", "Liepų g. 9-12\nVilnius\nLietuva"],
    ),
    (
        "Kļavu iela 10-4, Rīga, LV-1099, Latvia",
        ["Klavu iela 10 dz. 4\nRiga LV1099\nLatvija"],
        ["Kļavu iela 12-4, Rīga, LV-1099"],
    ),
    (
        "ul. Lipa 11, 1099 Sofia, Bulgaria",
        ['ul. "Lipa" No 11\nSofia 1099\nBulgarien'],
        ["ul. Lipa 13\n1099 Sofia"],
    ),
    (
        "Rruga Bliri 14, Tirana, Albania",
        ["Rr. Bliri, nr. 14\nTiranë\nShqipëria"],
        ["Rr. Bliri nr 16\nTirana"],
    ),
    (
        "25 Ademola Tansy Street, Surulere, Lagos, Nigeria",
        ["No 25, Ademola Tansy St\nSurulere\nLagos State", "25, ademola tansy street surulere lagos nigeria"],
        ["27 Ademola Tansy Street\nSurulere\nLagos\nNigeria", "25 Adeniyi Close\nSurulere\nLagos\nNigeria"],
    ),
    (
        "Flat 3, Block 12, Tansy Estate, Ikeja, Lagos, Nigeria",
        ["Block 12 Flat 3, Tansy Estate, Ikeja, Lagos"],
        ["Flat 3, Block 14, Tansy Estate, Ikeja, Lagos, Nigeria"],
    ),
    (
        "H/No 14, Tansy Street, East Legon, Accra, Ghana",
        ["House No. 14 Tansy St\nEast Legon\nAccra"],
        ["House No. 16 Tansy St\nEast Legon\nAccra\nGhana"],
    ),
    (
        "18 Tansy Avenue, Kingston 10, Jamaica",
        ["18 Tansy Ave\nKgn 10\nJamaica WI", "#18 Tansy Avenue, Kingston 10, JAMAICA"],
        ["20 Tansy Avenue\nKingston 10\nJamaica"],
    ),
    (
        "Plot 45-A, Street 9, Phase 6, DHA, Karachi, Pakistan",
        ["Plot No 45A St 9 Phase VI DHA Karachi", "House 45/A, Street No. 9, DHA Phase 6, Karachi"],
        [
            "Plot 47-A, Street 9, Phase 6, DHA, Karachi",
            "Plot 45-A, Street 11, Phase 6, DHA, Karachi, Pakistan",
            "Plot 45-A, Street 9, Phase 5, DHA, Karachi, Pakistan",
        ],
    ),
    (
        "Flat 302, Tansy Apartments, 14 Ring Road, Andheri West, Mumbai 400999, India",
        [
            "302 Tansy Apts, 14 Ring Rd\nAndheri (W)\nBombay 400 999",
            "Flat No. 302, Tansy Apartments\n14, Ring Road\nAndheri West\nMumbai - 400999\nMaharashtra",
        ],
        [
            "Flat 303, Tansy Apartments, 14 Ring Road, Andheri West, Mumbai 400999",
            "Flat 302, Lily Apartments, 20 Ring Road, Andheri West, Mumbai 400999",
        ],
    ),
    (
        "D-12, Sector 50, Noida, Uttar Pradesh 201999, India",
        ["D 12, Sec-50\nNOIDA 201999\nUP"],
        ["D-14, Sector 50, Noida 201999", "D-12, Sector 52, Noida, Uttar Pradesh 201999"],
    ),
    (
        "House 12, Road 5, Block C, Banani, Dhaka 1299, Bangladesh",
        ["H-12, R-5, Block-C\nBanani\nDacca", "House # 12, Road # 05, Block # C, Banani, Dhaka-1299"],
        ["House 12, Road 7, Block C, Banani, Dhaka 1299", "House 14, Road 5, Block C, Banani, Dhaka"],
    ),
    (
        "Unit 4/22 Tansy Parade, Brunswick VIC 3099, Australia",
        ["4/22 Tansy Pde\nBrunswick Vic", "Apt 4, 22 Tansy Parade, Brunswick, Victoria, 3099"],
        ["Unit 5/22 Tansy Parade, Brunswick VIC 3099", "4/24 Tansy Pde\nBrunswick VIC 3099"],
    ),
    (
        "12 Tansy Crescent, Ponsonby, Auckland 1099, New Zealand",
        ["12 Tansy Cres\nPonsonby\nAuckland\nNZ"],
        ["14 Tansy Cres\nPonsonby\nAuckland 1099"],
    ),
    (
        "1204-55 Tansy Street, Toronto ON M5V 9Z9, Canada",
        ["55 Tansy St, Unit 1204\nToronto, Ontario\nM5V9Z9", "Apt 1204, 55 Tansy Street, Toronto, ON"],
        ["1205-55 Tansy Street, Toronto ON M5V 9Z9", "1204-57 Tansy St, Toronto ON M5V 9Z9"],
    ),
    (
        "The Old Forge, Ballytansy, Co. Mayo, F26 X9Y9, Ireland",
        ["The Old Forge\nBallytansy\nCounty Mayo\nF26X9Y9", "Old Forge, Ballytansy, Mayo"],
        ["The Old Mill\nBallytansy\nCo Mayo\nIreland"],
    ),
    (
        "Apt 14, Tansy Hall, Tansy Road, Dublin 8, D08 X9Y9",
        ["14 Tansy Hall, Tansy Rd, Dublin 8", "Apartment 14\nTansy Hall\nTansy Road\nDublin 8\nD08X9Y9"],
        ["Apt 15, Tansy Hall, Tansy Road, Dublin 8"],
    ),
    (
        "Résidence Les Ormes, Bâtiment B, 22 avenue Jean Tansy, 13099 Marseille, France",
        ["22 av. Jean Tansy, bât B\n13099 Marseille", "22, Ave J. Tansy\nMarseille\nFrance"],
        [
            "24 avenue Jean Tansy\n13099 Marseille",
            "22 rue du Port\n13099 Marseille\nFrance",
            "Résidence Les Pins, 30 avenue Jean Tansy, 13099 Marseille",
        ],
    ),
    (
        "Lieu-dit Les Ormes, 24999 Tansac, France",
        ["Les Ormes\n24999 Tansac", 'Lieu dit "Les Ormes", 24999 TANSAC'],
        ["Les Chênes\n24999 Tansac\nFrance"],
    ),
    (
        "Am Tansyplatz 12, 10999 Berlin, Germany",
        ["Am Tansyplatz 12\n10999 Berlin", "Am Tansy Platz 12, Berlin, Alemania"],
        ["Am Tansyplatz 14\n10999 Berlin", "An der Ulme 12\n10999 Berlin"],
    ),
    (
        "An der Alten Ulme 4, 04999 Leipzig, Deutschland",
        ["An der alten Ulme 4\n04999 Leipzig", "An d. Alten Ulme 4, Leipzig, Germany"],
        ["An der Alten Ulme 6\n04999 Leipzig"],
    ),
    (
        "Plaza del Olmo 3, 1º Izq, 41099 Sevilla, España",
        ["Pza. del Olmo 3, 1 izda\n41099 Seville", "Plaza Olmo nº3 1ºIzq\nSevilla\nSpain"],
        ["Plaza del Olmo 3, 1º Dcha\n41099 Sevilla", "Plaza del Olmo 5, 1º Izq\n41099 Sevilla"],
    ),
    (
        "Urb. Las Encinas, C/ Roble 22, 29699 Marbella, Málaga, Spain",
        ["Calle Roble 22\nUrbanización Las Encinas\n29699 Marbella", "c/ Roble, 22, Marbella"],
        ["C/ Roble 24\nUrb. Las Encinas\n29699 Marbella", "Calle Haya 22\n29699 Marbella\nSpain"],
    ),
    (
        "os. Lipowe 12/34, 31-999 Kraków, Polska",
        [
            "os. Lipowe 12 m. 34\n31-999 Cracow",
            "Osiedle Lipowe 12/34, Kraków, Poland",
            "Oś Lipowe 12/34\n31999 Krakow\nPologne",
        ],
        ["os. Lipowe 12/35\n31-999 Kraków", "os. Lipowe 14/34\n31-999 Kraków\nPoland"],
    ),
    (
        "Wólka Tansy 15, 21-999 Lublin, Poland",
        ["Wolka Tansy 15\n21-999 Lublin", "Wólka Tansy nr 15, Lublin, Polska"],
        ["Wólka Tansy 17\n21-999 Lublin"],
    ),
    (
        "4500 County Road 12, Tansy, OH 43999",
        ["4500 CR 12\nTansy OH", "4500 Co. Rd. 12, Tansy, Ohio 43999", "4500 Cty Rd 12, Tansy OH 43999"],
        ["4500 CR 14\nTansy OH 43999", "4502 County Road 12, Tansy, OH 43999"],
    ),
    (
        "88 State Route 9, Tansy, OH 43999",
        [
            "88 SR-9\nTansy OH 43999",
            "88 OH-9, Tansy, OH",
            "88 St Rt 9, Tansy OH 43999",
            "88 Route 9, Tansy OH 43999",
        ],
        ["88 SR 90\nTansy OH 43999"],
    ),
    (
        "900 US-41, Apt 3, Naples, FL 34199",
        [
            "900 U.S. Hwy 41 #3\nNaples FL",
            "900 US Highway 41, Unit 3, Naples, Florida",
            "900 Hwy 41 Apt 3 Naples FL 34199",
        ],
        ["900 US-41, Apt 4, Naples, FL 34199", "902 US 41 Apt 3 Naples FL 34199"],
    ),
    (
        "40 W 35th St, 3rd Floor, Apt 12, New York, NY 10099",
        [
            "40 West 35th Street, Fl 3, Apt 12\nNYC",
            "40 W. 35 St Apt 12, New York NY 10099",
            "40 W 35th St #12, Manhattan, NY",
        ],
        [
            "40 W 36th St Apt 12, New York, NY 10099",
            "40 E 35th St Apt 12, New York, NY 10099",
            "40 W 35th St Apt 14, New York, NY 10099",
        ],
    ),
    (
        "1234 N Tansy Ave, St. Louis, MO 63199",
        ["1234 North Tansy Avenue\nSaint Louis\nMissouri", "1234 Tansy Ave, St Louis MO 63199"],
        ["1234 S Tansy Ave, St Louis, MO 63199", "1236 N Tansy Ave, St. Louis, MO 63199"],
    ),
]
SAME = [(listed, given) for listed, ways, _ in ADDRESSES for given in ways]
OTHER = [(listed, given) for listed, _, others in ADDRESSES for given in others]


@pytest.mark.parametrize(("listed", "given"), SAME)
def test_another_way_to_write_it_is_no_other_door(listed: str, given: str) -> None:
    assert compare(read(given), read(listed)).level != "different"
    assert compare(read(listed), read(given)).level != "different"


@pytest.mark.parametrize(("listed", "given"), OTHER)
def test_another_door_is_never_the_same(listed: str, given: str) -> None:
    assert compare(read(given), read(listed)).level != "same"


@pytest.mark.parametrize("listed", [listed for listed, _, _ in ADDRESSES])
@pytest.mark.parametrize(
    "street", ["Flat 2, 99 Other Road", "Otherweg 99", "Calle Otra 99", "99 rue des Autres"]
)
def test_an_equal_postcode_with_another_street_never_blocks(listed: str, street: str) -> None:
    one = read(listed)
    town = f"{one.postcode} {one.town}".title()
    assert compare(read(f"{street}\n{town}\n{one.country}"), one).level != "same"
