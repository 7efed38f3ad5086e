"""What the demo shop sells. Each bell's drawing is the symbol `bell-<slug>` of templates/widget/demo_sprite.html."""

from dataclasses import dataclass

from errors import NotFound


@dataclass(frozen=True)
class Bell:
    slug: str
    name: str
    price: str
    ground: str  # the colour role behind its drawing
    note: str
    text: tuple[str, ...]  # paragraphs
    facts: tuple[tuple[str, str], ...]


BELLS = (
    Bell(
        "counter",
        "The Counter",
        "€ 64",
        "sand",
        "Brass on oiled oak. One tap fills a shop.",
        (
            "The bell we began with. A single spring, a single striker, and a dome that is turned thin at the "
            "shoulder, so that a light touch is enough. It says that somebody is here, and does not ask twice.",
            "The oak comes from the beams of the old mill next door. No two grains are alike.",
        ),
        (("Metal", "Brass, polished"), ("Width", "9 cm"), ("Weight", "640 g"), ("Strike note", "G sharp 6")),
    ),
    Bell(
        "porch",
        "The Porch",
        "€ 118",
        "sage",
        "Bronze, with a hand-spun cord. For the front door.",
        (
            "A bell for people who would rather be called than buzzed. It carries through two closed doors and across "
            "a garden, and stays friendly at arm's length.",
            "It hangs from a forged bracket, which is in the box with four screws and a drilling template.",
        ),
        (("Metal", "Bronze, left to darken"), ("Height", "16 cm"), ("Weight", "1.4 kg"), ("Strike note", "E 6")),
    ),
    Bell(
        "three-winds",
        "The Three Winds",
        "€ 86",
        "sky",
        "Copper tubes on a maple ring. Quiet company.",
        (
            "Three tubes, cut by ear to a chord that never sounds finished. In a breeze it murmurs; in a storm it "
            "still does not shout, because the clapper is felt.",
            "Hang it where you can hear it and your neighbours cannot.",
        ),
        (("Metal", "Copper"), ("Length", "58 cm"), ("Weight", "720 g"), ("Chord", "D, G and A")),
    ),
    Bell(
        "schoolhouse",
        "The Schoolhouse",
        "€ 72",
        "clay",
        "A turned ash handle. Ends every break on time.",
        (
            "Made after the bell that stood on the sill of the village school until 1968. The handle is ash, turned to "
            "fit a teacher's hand and oiled so that it never slips.",
            "Dinner tables, sailing boats and small auctions have taken to it since.",
        ),
        (("Metal", "Brass, brushed"), ("Height", "21 cm"), ("Weight", "580 g"), ("Strike note", "C 6")),
    ),
    Bell(
        "alpine",
        "The Alpine",
        "€ 48",
        "sage",
        "For goats, bicycles and garden gates.",
        (
            "A small cousin of the bells that come down from the meadows in September. Its voice is dry and close, "
            "easy to follow through fog.",
            "The strap is harness leather with a brass buckle; it fits a post, a handlebar, or somebody with horns.",
        ),
        (("Metal", "Bronze, rough cast"), ("Height", "8 cm"), ("Weight", "310 g"), ("Strike note", "F 6")),
    ),
    Bell(
        "temple-bowl",
        "The Temple Bowl",
        "€ 140",
        "sand",
        "Rings for forty seconds. Cushion included.",
        (
            "Hammered, not poured: four hundred strokes from a flat disc. Struck at the rim it begins low and opens "
            "slowly, and it takes most of a minute to leave the room.",
            "It comes with a beech striker and a cushion of red wool felt.",
        ),
        (("Metal", "Bell brass, hammered"), ("Width", "18 cm"), ("Weight", "1.1 kg"), ("Strike note", "A 4")),
    ),
)


def bell_of(slug: str) -> Bell:
    """Raises NotFound."""
    for bell in BELLS:
        if bell.slug == slug:
            return bell
    raise NotFound("There is no such bell in this shop.")
