"""A project that is made up: documents of one company, one a product, whose sentences come from a fixed seed. No two documents speak of the
same thing, so that what contradicts, repeats or is stale in them was planted."""

SYLLABLES = 'ar bel cor dan el fin gor hal il jun kas lor mel nor op pel quin ros sal tor ul ven wal xan yor zel'.split()

# {p}: the product. {n}: a number of this document's own.
SECTIONS = {
    'What it is': [
        '{p} is a {a} for {u}, made in our workshop in {t}.', 'It weighs {n} kg without its case, and {n2} kg with it.',
        'People who work with {p} every day say that its {x} is what they would miss most.',
        '{p} came after two earlier models, which shared the {x} but not the {y}.',
        'The housing of {p} is {c}; on request the {x} is painted in another colour.'],
    'Getting started': [
        'Before you switch {p} on, check that the {x} is closed and the {y} is dry.', '{p} needs {n} minutes to warm up.',
        'Place {p} at least {n2} cm away from the wall, so that the {y} gets enough air.',
        'Hold the button beside the {x} until the lamp turns green, then let go.',
        'When {p} is used outdoors, cover the {y} as soon as it begins to rain.'],
    'Care': [
        'Clean the {x} of {p} every {n} weeks with a soft cloth.', 'Oil for the {y} of {p} is sold in bottles of {n2} ml.',
        'Never use anything sharp on the {x}: it is coated, and scratches let water in.',
        'If the {y} of {p} makes a noise, loosen its two screws and tighten them again crosswise.',
        'A worn {x} shows by a grey edge; order a new one before it breaks.'],
    'Prices and orders': [
        '{p} costs ${n}0 without delivery.', 'Delivery of {p} takes {n2} working days to most places.',
        'Schools and hospitals that order {p} pay later, once the first month of use is over.',
        'A spare {x} for {p} costs ${n}.', 'Orders of {p} that we have not begun to pack are changed without a fee.'],
    'When something is wrong': [
        'The guarantee of {p} is {n} years.', 'Send {p} back in its own box; ours has room for the {x} and the {y}.',
        'Our workshop in {t} repairs {p} in {n2} days.', 'Write down when the {x} stopped, and what {p} had been doing before.',
        'Whoever opens the {y} of {p} alone loses no right, but should wear gloves.'],
    'Where it is used': [
        'In {t} a bakery has {p} beside its oven and cleans the {x} between two loads.',
        '{u2} use {p} with the {y} taken off, which makes it quieter.',
        'A choir in {t2} wanted {p} for its travels and had the {x} made shorter.',
        'Where floors shake, {p} stands on a plate of rubber, and the {y} is tied.',
        'We have seen {p} on ships, where salt is hard on the {x} and kind to the {y}.'],
}
WORDS = {
    'a': 'pump, press, lamp, mill, scale, drill, saw, loom, oven, fan'.split(', '),
    'u': 'small workshops, schools, farms, kitchens, museums, print shops, boat yards, theatres'.split(', '),
    'u2': 'Gardeners, Tailors, Printers, Beekeepers, Painters, Carpenters, Potters, Brewers'.split(', '),
    't': 'Lund, Graz, Porto, Turku, Ghent, Bergamo, Tartu, Cork'.split(', '),
    't2': 'Basel, Malmo, Leiden, Siena, Riga, Galway, Linz, Braga'.split(', '),
    'c': 'steel, oak, brass, cast iron, enamel, walnut, copper'.split(', '),
    'x': 'lid, valve, belt, filter, grip, blade, spindle, tray, wick, nozzle'.split(', '),
    'y': 'motor, hinge, drum, gasket, shutter, gauge, roller, clamp, crank, spring'.split(', '),
}


def product(dice, taken):
    while True:
        name = ''.join(dice.sample(SYLLABLES, 3)).capitalize()
        if name not in taken:
            taken.add(name)
            return name


def document(name, dice):
    words = {key: dice.choice(values) for key, values in WORDS.items()}
    parts = [f'# {name}']
    for heading in dice.sample(list(SECTIONS), 4):
        sentences = dice.sample(SECTIONS[heading], dice.randint(3, 4))
        text = ' '.join(sentence.format(p=name, n=dice.randint(11, 97), n2=dice.randint(3, 60), **words) for sentence in sentences)
        parts.append(f'## {heading}\n\n{text}')
    return '\n\n'.join(parts) + '\n'


def make(folder, dice, count=80):
    taken = set()
    folder.mkdir(parents=True)
    for _ in range(count):
        name = product(dice, taken)
        (folder / f'{name.lower()}.md').write_text(document(name, dice), encoding='utf-8')
