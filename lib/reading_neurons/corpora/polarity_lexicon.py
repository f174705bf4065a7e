"""The words of the generated reviews, as tables: what each says, how strongly, and what it does to its neighbours.

A word means the same wherever it stands. No form is in two tables, apart from nouns that two topics share.
"""

# Adjectives, by the topic they suit; "any" suits all.
ADJECTIVES = {
    "any": {
        "superb": 0.9, "wonderful": 0.85, "excellent": 0.85, "brilliant": 0.8, "great": 0.7, "lovely": 0.65,
        "impressive": 0.6, "good": 0.55, "enjoyable": 0.55, "pleasant": 0.5, "memorable": 0.45, "nice": 0.4,
        "solid": 0.35, "decent": 0.3,
        "awful": -0.9, "terrible": -0.85, "horrible": -0.85, "dreadful": -0.8, "pathetic": -0.7, "lousy": -0.65,
        "bad": -0.55, "poor": -0.5, "disappointing": -0.5, "unpleasant": -0.5, "annoying": -0.5, "weak": -0.4,
        "forgettable": -0.4, "mediocre": -0.35,
    },
    "story": {
        "hilarious": 0.8, "gripping": 0.65, "charming": 0.6, "moving": 0.55, "witty": 0.55, "interesting": 0.5,
        "funny": 0.5, "clever": 0.5,
        "stupid": -0.65, "tedious": -0.55, "lifeless": -0.5, "boring": -0.45, "clumsy": -0.45, "dull": -0.4,
        "shallow": -0.4, "silly": -0.35,
    },
    "food": {
        "delicious": 0.8, "tasty": 0.6, "juicy": 0.5, "fresh": 0.45, "tender": 0.4, "crisp": 0.35,
        "disgusting": -0.9, "stale": -0.55, "burnt": -0.55, "soggy": -0.45, "bland": -0.4, "greasy": -0.35,
    },
}  # fmt: skip
POLAR_NOUNS = {
    "masterpiece": 0.9, "triumph": 0.85, "delight": 0.75, "gem": 0.7, "joy": 0.65, "pleasure": 0.6, "success": 0.55,
    "treat": 0.5,
    "disaster": -0.9, "nightmare": -0.8, "failure": -0.7, "mess": -0.6, "flop": -0.6, "disappointment": -0.55,
    "bore": -0.5, "letdown": -0.5,
}  # fmt: skip
# What the writer feels, in the present and in the past: "I loved it".
FEELING = {
    ("adore", "adored"): 0.9, ("love", "loved"): 0.85, ("admire", "admired"): 0.65, ("enjoy", "enjoyed"): 0.6,
    ("like", "liked"): 0.5,
    ("loathe", "loathed"): -0.9, ("detest", "detested"): -0.85, ("hate", "hated"): -0.8,
    ("dislike", "disliked"): -0.5, ("regret", "regretted"): -0.45,
}  # fmt: skip
# What it does to the writer: "it bored me".
EFFECT = {
    ("thrill", "thrilled"): 0.8, ("impress", "impressed"): 0.6, ("charm", "charmed"): 0.6, ("please", "pleased"): 0.5,
    ("disgust", "disgusted"): -0.85, ("disappoint", "disappointed"): -0.55, ("annoy", "annoyed"): -0.5,
    ("bore", "bored"): -0.45,
}  # fmt: skip

# A degree word multiplies the value of what it stands beside.
INTENSIFIERS = {"very": 1.4, "so": 1.3, "really": 1.4, "truly": 1.5, "extremely": 1.6, "incredibly": 1.7}
INTENSIFYING_NOUNS = {"lot": 1.4, "much": 1.2}  # "a lot", "so much", "very much"
DIMINISHERS = {"slightly": 0.4, "somewhat": 0.6, "fairly": 0.7}
DIMINISHING_NOUNS = {"bit": 0.5}  # "a bit"
DEGREES = INTENSIFIERS | INTENSIFYING_NOUNS | DIMINISHERS | DIMINISHING_NOUNS
EXCESS = {"too": 0.45}  # taken off what it stands beside: "too long" is bad, "long" is neither
NEGATORS = ("not", "n't", "never", "hardly")
# What the other clause counts where it is positive, and where it is negative; the main clause (of "but", the one
# behind it) counts 1.
CONCESSION = {"though": (0.1, 0.8), "although": (0.1, 0.8), "but": (0.1, 1.2)}
CONJUNCTION = "and"

# Neutral words: what is spoken of, by topic; the whole things that are reviewed; what is done with them, and when.
PARTS = {
    "film": ("plot", "cast", "acting", "ending", "story", "script", "music", "dialogue"),
    "book": ("plot", "ending", "story", "prose", "opening", "chapter"),
    "food": ("soup", "bread", "sauce", "dessert", "fish", "salad", "cake"),
}
WHOLES = {"film": ("movie", "film"), "book": ("book", "novel"), "food": ("meal", "dish")}
NOUNS = {topic: WHOLES[topic] + parts for topic, parts in PARTS.items()}
MASS = ("acting", "music", "dialogue", "prose", "bread", "fish")  # no "a" before them
TOPIC_ADJECTIVES = {"film": "story", "book": "story", "food": "food"}
GRADABLE = {
    "film": ("long", "short", "slow", "dark"),
    "book": ("long", "short", "slow", "dark"),
    "food": ("salty", "spicy", "hot", "cold"),
}
ACTIONS = {"film": ("saw", "watched"), "book": ("read", "bought"), "food": ("ordered", "tried")}
TIMES = (("last", "night"), ("last", "week"), ("on", "monday"), "yesterday", "again")
SUBJECTS = ("I", "we")
RELATIVES = ("sister", "brother", "friend")
CONTENT = ("it", "me", "had", "last", "night", "week", "on", "monday", "yesterday", "again", *RELATIVES)
# Words that leave their neighbour what it is, and pass on what it does: "do n't", "a lot", ", but it is long".
FUNCTION = (
    "i", "we", "my", "the", "this", "that", "a", "an", "is", "was", "do", "did", ",", ".",
)  # fmt: skip


def _strengths() -> dict[str, float]:
    found = dict(POLAR_NOUNS)
    for table in ADJECTIVES.values():
        found |= table
    for table in (FEELING, EFFECT):
        for forms, strength in table.items():
            # "a bore" and "bore me" are one word here, with the strength of the noun.
            found |= {form: strength for form in forms if form not in found}
    return found


STRENGTH = _strengths()
"""The value of every word that has one, by its form."""

NEUTRAL = frozenset(CONTENT).union(*NOUNS.values(), *GRADABLE.values(), *ACTIONS.values())
"""Words that have neither a value nor anything to do to their neighbours."""
