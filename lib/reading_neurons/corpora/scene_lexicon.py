"""The words of the generated scenes, as tables.

Every noun can fill every role of a scene and every verb can stand between any two nouns, so the words alone never
tell who does what to whom. A form belongs to one word only: no noun here is also a verb of these tables.
"""

WEIGHTS = {"subject": 1.0, "object": 0.7, "oblique": 0.45, "agent": 0.45, "conjunct": 0.3, "compound": 0.15}
"""What a noun in each role weighs; its adjective and its numeral weigh half as much, every other word nothing."""

NOUNS = dict(
    (*noun.split("/"), noun + "s")[:2]  # "man/men", or "boy" and its "s"
    for noun in """
    man/men woman/women boy girl child/children baby/babies king queen clown pirate farmer doctor teacher nurse
    singer chef knight wizard soldier sailor
    dog cat horse cow zebra elephant giraffe monkey lion tiger bear wolf/wolves fox/foxes mouse/mice rabbit goat pig
    duck goose/geese chicken owl parrot penguin eagle frog turtle snake whale shark camel donkey dragon
    clock tower laptop motorcycle banana apple bus/buses truck car train bicycle boat plane robot doll puppet toy
    statue kite balloon umbrella piano guitar lamp basket bottle box/boxes pumpkin
    """.split()
)
"""The plural of every noun. None is also a form of another word of this lexicon."""

ATTRIBUTES = {
    "big": ("big", "large", "huge"),
    "small": ("small", "little", "tiny"),
    "old": ("old", "ancient", "elderly"),
    "red": ("red", "crimson", "scarlet"),
    "yellow": ("yellow", "golden"),
    "happy": ("happy", "cheerful", "merry"),
    "dirty": ("dirty", "muddy", "filthy"),
    "fluffy": ("fluffy", "furry", "woolly"),
}
NUMBERS = {
    "two": ("two",),
    "three": ("three",),
    "four": ("four",),
    "five": ("five",),
    "many": ("many", "several", "numerous"),
}
RELATIONS = {
    "near": ("near", "beside", "alongside"),
    "on": ("on", "upon", "atop"),
    "in": ("in", "inside", "within"),
    "under": ("under", "below", "beneath", "underneath"),
    "over": ("over", "above"),
    "behind": ("behind",),
    "against": ("against",),
}

# Third person, -ing form and participle of every verb. Particles are no prepositions of RELATIONS.
TRANSITIVE = {
    "push": ("pushes", "pushing", "pushed", "up", "out"),
    "pull": ("pulls", "pulling", "pulled", "up", "out"),
    "carry": ("carries", "carrying", "carried", "off", "out"),
    "lift": ("lifts", "lifting", "lifted", "up"),
    "hold": ("holds", "holding", "held", "up", "down"),
    "follow": ("follows", "following", "followed"),
    "chase": ("chases", "chasing", "chased", "off", "out"),
    "touch": ("touches", "touching", "touched"),
    "hit": ("hits", "hitting", "hit"),
    "cover": ("covers", "covering", "covered", "up"),
    "block": ("blocks", "blocking", "blocked", "off"),
    "pick": ("picks", "picking", "picked", "up", "out"),
    "kick": ("kicks", "kicking", "kicked", "out", "off"),
    "drag": ("drags", "dragging", "dragged", "off", "out"),
    "catch": ("catches", "catching", "caught"),
    "wash": ("washes", "washing", "washed", "off"),
    "tie": ("ties", "tying", "tied", "up", "down"),
    "throw": ("throws", "throwing", "thrown", "out", "off"),
    "wake": ("wakes", "waking", "woken", "up"),
    "help": ("helps", "helping", "helped", "out", "up"),
}
INTRANSITIVE = {
    "sit": ("sits", "sitting", "sat", "down"),
    "stand": ("stands", "standing", "stood", "up"),
    "lie": ("lies", "lying", "lain", "down"),
    "wait": ("waits", "waiting", "waited"),
    "sleep": ("sleeps", "sleeping", "slept"),
    "rest": ("rests", "resting", "rested"),
    "jump": ("jumps", "jumping", "jumped", "up", "down"),
    "fall": ("falls", "falling", "fallen", "down", "off"),
    "roll": ("rolls", "rolling", "rolled", "off"),
    "dance": ("dances", "dancing", "danced", "off"),
    "walk": ("walks", "walking", "walked", "off", "out"),
    "run": ("runs", "running", "run", "off", "out"),
    "hide": ("hides", "hiding", "hidden", "out"),
    "play": ("plays", "playing", "played"),
    "crouch": ("crouches", "crouching", "crouched", "down"),
    "float": ("floats", "floating", "floated", "off", "up"),
}
FORMS = TRANSITIVE | INTRANSITIVE
INTRODUCERS = {"starts": "start", "begins": "begin", "seems": "seem"}  # "starts to chase", "start to chase"

POSSESSIVES = ("his", "her", "their", "our")
# What may stand before a noun, by what the noun is; an option named twice is drawn twice as often.
DETERMINERS = {
    "singular": ("a",) * 6 + ("the",) * 4 + ("this", "that", "another") + POSSESSIVES,
    "plural": (None,) * 4 + ("some",) * 3 + ("the",) * 3 + ("these", "those") + POSSESSIVES,
    "counted": (None,) * 7 + ("the", "these", "those") + POSSESSIVES,
    "many": (None,),
    "new singular": ("a",) * 6 + ("another",),
    "new plural": (None, "some"),
    "new counted": (None,),
    "new many": (None,),
}
ADVERBS = ("slowly", "quickly", "quietly", "gently", "calmly", "suddenly", "carefully", "again", "now")
