"""Holds keelsonctl's protobuf against Google's.

    storage_protobuf.py KEELSONCTL SCHEMA SEED

Makes messages of google.protobuf's own out of the schema's text, and for every kind that is stored as protobuf an
object by chance. What `kube encode` writes must parse to the message that the object gives here; what is serialized
here must come back from `kube decode` as the object.
"""
import base64
import json
import random
import subprocess
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

KEELSONCTL, SCHEMA, SEED = sys.argv[1:]
chance = random.Random(int(SEED))
FIELD = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    "s": FIELD.TYPE_STRING, "y": FIELD.TYPE_BYTES, "b": FIELD.TYPE_BOOL, "i": FIELD.TYPE_INT32,
    "l": FIELD.TYPE_INT64, "d": FIELD.TYPE_DOUBLE,
}
SMALL = {
    "q": ("Quantity", [("string", 1, "s")]),
    "x": ("IntOrString", [("type", 1, "l"), ("intVal", 2, "i"), ("strVal", 3, "s")]),
    "t": ("Time", [("seconds", 1, "l"), ("nanos", 2, "i")]),
    "u": ("Time", [("seconds", 1, "l"), ("nanos", 2, "i")]),
    "*": ("Raw", [("raw", 1, "y")]),
}


class Field:
    """NAME=NUMBERS^:TYPE MARKS"""

    def __init__(self, word, package):
        head, rest = word.split(":", 1)
        self.name, _, numbers = head.partition("=")
        self.wrapped = numbers.endswith("^")
        self.path = [int(number) for number in numbers.rstrip("^").split("/")] if numbers else []
        end = 1
        while end < len(rest) and rest[end] not in "!*@%+#|":
            end += 1
        self.type, marks = rest[:end], rest[end:]
        self.package = package
        self.keeps_zero = "*" in marks.split("#")[0].split("|")[0] or "#" in marks
        self.is_schema = "/" in self.type


packages, types, kinds, stored = [], {}, {}, []
for line in open(SCHEMA, encoding="utf-8"):
    words = line.strip().split(" ")
    if not line.startswith("    ") or words[0] == "schema":
        continue
    if words[0] == "package":
        packages.append(words[1])
        version = words[2] if len(words) > 2 else ""
    elif words[0] == "resource":
        if words[9] == "protobuf":
            stored.append((words[8], words[3]))
    else:
        name = words[0].rstrip("!-")
        key = (len(packages) - 1, name)
        types[key] = [Field(word, len(packages) - 1) for word in words[1:]]
        if "!" in words[0]:
            kinds[(version, name)] = key


def target(code, package):
    """The type that a code means: its package and name."""
    number, dot, name = code.partition(".")
    return (int(number), name) if dot else (package, code)


file = descriptor_pb2.FileDescriptorProto(name="schema.proto", package="k", syntax="proto2")
made = set()


def label(key):
    return f"T{key[0]}_{key[1]}"


def small(name, fields):
    if name not in made:
        made.add(name)
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            message.field.add(name=field, number=number, type=SCALARS[kind], label=FIELD.LABEL_OPTIONAL)
    return name


def set_type(field, code, package):
    """Gives a field its type; lists and maps are told by the caller."""
    if code in SCALARS:
        field.type = SCALARS[code]
    else:
        field.type = FIELD.TYPE_MESSAGE
        if code in SMALL:
            field.type_name = ".k." + small(*SMALL[code])
        else:
            key = target(code, package)
            make(key)
            field.type_name = ".k." + label(key)


def wrapped(code, package):
    name = f"List_{code.replace('.', '_')}_{package}"
    if name not in made:
        made.add(name)
        message = file.message_type.add(name=name)
        field = message.field.add(name="items", number=1, label=FIELD.LABEL_REPEATED)
        set_type(field, code, package)
    return ".k." + name


def add(message, field, number):
    code = field.type
    entry = message.field.add(name=f"f{number}", number=number, label=FIELD.LABEL_OPTIONAL)
    if field.wrapped:
        entry.type, entry.type_name = FIELD.TYPE_MESSAGE, wrapped(code[1:], field.package)
    elif code[0] == "[":
        entry.label = FIELD.LABEL_REPEATED
        set_type(entry, code[1:], field.package)
    elif code[0] == "{":
        entry.label, entry.type = FIELD.LABEL_REPEATED, FIELD.TYPE_MESSAGE
        entry.type_name = f".k.{message.name}.F{number}Entry"
        inner = message.nested_type.add(name=f"F{number}Entry")
        inner.options.map_entry = True
        inner.field.add(name="key", number=1, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL)
        value = inner.field.add(name="value", number=2, label=FIELD.LABEL_OPTIONAL)
        if code[1] == "[":
            value.type, value.type_name = FIELD.TYPE_MESSAGE, wrapped(code[2:], field.package)
        else:
            set_type(value, code[1:], field.package)
    else:
        set_type(entry, code, field.package)


def make(key):
    if key in made:
        return
    made.add(key)
    messages = {(): file.message_type.add(name=label(key))}
    for field in types[key]:
        if field.is_schema or not field.path:
            continue
        # Levels that JSON does not have become messages of their own.
        for depth in range(1, len(field.path)):
            outer = tuple(field.path[:depth])
            if outer not in messages:
                name = label(key) + "_" + "_".join(map(str, outer))
                messages[outer] = file.message_type.add(name=name)
                messages[outer[:-1]].field.add(
                    name=f"f{outer[-1]}", number=outer[-1], type=FIELD.TYPE_MESSAGE,
                    type_name=f".k.{name}", label=FIELD.LABEL_OPTIONAL)
        add(messages[tuple(field.path[:-1])], field, field.path[-1])


for kind in stored:
    make(kinds[kind])
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
factory = message_factory.MessageFactory(pool)


def text():
    return chance.choice(["a", "long-name.example/x", "é🦢", "1", "true", " "])


def value(code, package, depth):
    if code[0] == "[":
        return [value(code[1:], package, depth) for _ in range(chance.randint(1, 2))]
    if code[0] == "{":
        return {text(): value(code[1:], package, depth) for _ in range(chance.randint(1, 3))}
    if code in "sybildxqtu*":
        return {
            "s": text, "y": lambda: base64.b64encode(chance.randbytes(chance.randint(1, 5))).decode(),
            "b": lambda: True, "i": lambda: chance.choice([1, -1, 2**31 - 1, -2**31]),
            "l": lambda: chance.choice([1, -1, 2**63 - 1, -2**63]), "d": lambda: 1.5,
            "x": lambda: chance.choice([0, 8080, "http", "25%"]), "q": lambda: chance.choice(["1", "2Gi", "100m"]),
            "t": lambda: "2023-11-14T22:13:20Z", "u": lambda: "2023-11-14T22:13:20.000123Z",
            "*": lambda: {"a": [1, None, "b"]},
        }[code]()
    return structure(target(code, package), depth + 1)


def structure(key, depth):
    found = {}
    for field in types[key]:
        if field.is_schema or depth > 0 and chance.random() > 0.8 / depth ** 1.5:
            continue
        found[field.name] = value(field.type, field.package, depth)
        if field.keeps_zero and field.type in "sbil" and chance.random() < 0.3:
            found[field.name] = {"s": "", "b": False, "i": 0, "l": 0}[field.type]
    nested = [kind for kind, name in kinds.items() if name == key]
    if depth > 0 and nested:
        found["apiVersion"], found["kind"] = nested[0]
    return found


def fill(message, attribute, code, package, item, is_list=False):
    if code in SCALARS:
        item = base64.b64decode(item) if code == "y" else item
        if is_list:
            getattr(message, attribute).append(item)
        else:
            setattr(message, attribute, item)
        return
    inner = getattr(message, attribute).add() if is_list else getattr(message, attribute)
    inner.SetInParent()
    content(inner, code, package, item)


def content(inner, code, package, item):
    if code == "q":
        inner.string = item
    elif code == "x":
        inner.type = 0 if isinstance(item, int) else 1
        inner.intVal, inner.strVal = (item, "") if isinstance(item, int) else (0, item)
    elif code in ("t", "u"):
        inner.seconds, inner.nanos = 1700000000, 123000 if code == "u" else 0
    elif code == "*":
        inner.raw = json.dumps(item, separators=(",", ":"), ensure_ascii=False).encode()
    else:
        build(inner, target(code, package), item)


def build(message, key, found):
    for field in types[key]:
        if field.name not in found:
            continue
        item, code, place = found[field.name], field.type, message
        for number in field.path[:-1]:
            place = getattr(place, f"f{number}")
        attribute = f"f{field.path[-1]}"
        if field.wrapped:
            place, attribute = getattr(place, attribute), "items"
        if code[0] == "[":
            for element in item:
                fill(place, attribute, code[1:], field.package, element, is_list=True)
        elif code[0] == "{":
            entries = getattr(place, attribute)
            for name, element in item.items():
                if code[1] == "[":
                    entries[name].items.extend(element)
                elif code[1] in SCALARS:
                    entries[name] = base64.b64decode(element) if code[1] == "y" else element
                else:
                    content(entries[name], code[1:], field.package, element)
        else:
            fill(place, attribute, code, field.package, item)


def field(number, data):
    size, length = len(data), b""
    while size >= 128:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + data


def content_of(data):
    """What stands behind the tag and the length of a field."""
    place = 1
    while data[place] & 128:
        place += 1
    return data[place + 1:]


def control(command, data):
    done = subprocess.run([KEELSONCTL, "kube", *command], input=data, capture_output=True, timeout=60)
    if done.returncode or done.stderr:
        sys.exit(f"{command}: {done.stderr.decode()}\n{data[:2000]}")
    return done.stdout


for api_version, name in sorted(set(stored)):
    key = kinds[(api_version, name)]
    found = structure(key, 0)
    whole = {"apiVersion": api_version, "kind": name, **found}
    message_class = factory.GetPrototype(pool.FindMessageTypeByName("k." + label(key)))
    expected = message_class()
    build(expected, key, found)
    start = b"k8s\0" + field(1, field(1, api_version.encode()) + field(2, name.encode()))
    written = control(["encode"], json.dumps(whole).encode())
    tail = b"\x1a\0\x22\0"
    if not written.startswith(start) or not written.endswith(tail):
        sys.exit(f"{name}: the envelope is {written[:60]!r} … {written[-9:]!r}")
    raw = content_of(written[len(start):-len(tail)])
    parsed = message_class.FromString(raw)
    if parsed != expected or parsed.ByteSize() != len(raw):
        sys.exit(f"{name}: {json.dumps(whole)} was written as\n{parsed}\nand not as\n{expected}")
    read = json.loads(control(["decode", "-o", "json"], start + field(2, expected.SerializeToString()) + tail))
    if read != whole:
        sys.exit(f"{name}: {json.dumps(whole)} was read as\n{json.dumps(read)}")
    print(name, len(raw))
