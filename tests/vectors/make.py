"""Makes the vectors of tests/noninterference/treatments.rs and src/identity/tests.rs with Python's hmac, hashlib and uuid: python3 tests/vectors/make.py > tests/vectors/hashes.tsv"""
import hashlib, hmac, uuid

values = ["", "iris.csv", "/home/person/data/iris.csv", "00-1A-2B-3C-4D-5E", "00:1A:2B:3C:4D:5E", "001A2B3C4D5E", "MyProj", "größer", "数据.csv", "x" * 64, "y" * 65, "z" * 4096,
          "9f86d081884c7d659a2feaa0c55ad015", "a\tb\"c\\d"]
keys = ["mlnet.dataset.name", "user.hash", "a"]
secrets = [bytes(32), bytes(range(32)), b"\xff" * 32]

nonces = [bytes(16), bytes(range(16)), b"\xff" * 16]
apps = ["com.example.words", "com.example-project.tool2", "größe=1\n", ""]


def of_version(version, first):
    """RFC 9562, sections 4.1 and 4.2: the variant's two bits and the version's four."""
    b = bytearray(first[:16])
    b[6], b[8] = b[6] & 0x0f | version << 4, b[8] & 0x3f | 0x80
    return str(uuid.UUID(bytes=bytes(b)))


def letter(c):
    return c.upper() if c.isascii() and c.isalnum() else "_"


print("# what\tsecret, nonce or normalize\tattribute key, numbers or seconds\tvalue or app id as UTF-8 in hexadecimal\tresult")
for secret in secrets:
    for key in keys:
        k = hmac.new(secret, b"scruple/1/hash\0" + key.encode(), hashlib.sha256).digest()
        for value in values:
            digest = hmac.new(k, value.encode(), hashlib.sha256).digest()[:16]
            print("hash", secret.hex(), key, value.encode().hex(), digest.hex(), sep="\t")
for normalize, fold in [("none", lambda s: s), ("lower", lambda s: s.translate({c: c + 32 for c in range(65, 91)})),
                        ("upper", lambda s: s.translate({c: c - 32 for c in range(97, 123)}))]:
    for value in values:
        print("sha256", normalize, "", value.encode().hex(), hashlib.sha256(fold(value).encode()).hexdigest(), sep="\t")
for secret in secrets:
    made = lambda purpose: hmac.new(secret, b"scruple/1/" + purpose, hashlib.sha256).digest()
    print("next", secret.hex(), "", "", made(b"next").hex(), sep="\t")
    print("installation", secret.hex(), "", "", of_version(8, made(b"installation")), sep="\t")
    for numbers in [(0, 0, 0, 0), (1, 2, 3, 4), (2 ** 64 - 1, 2 ** 63, 2 ** 32, 2 ** 8)]:
        stored = b"stored\0" + b"".join(number.to_bytes(8, "big") for number in numbers)
        print("stored", secret.hex(), " ".join(map(str, numbers)), "", made(stored)[:16].hex(), sep="\t")
for nonce in nonces:
    print("session", nonce.hex(), "", "", of_version(4, hashlib.sha256(b"scruple/1/session\0" + nonce).digest()), sep="\t")
    for since in [0, 1, 1795000000, 2 ** 64 - 1]:
        print("value", nonce.hex(), since, "", f"1.{since}.{nonce.hex()}", sep="\t")
for app in apps:
    print("variable", "", "", app.encode().hex(), "".join(map(letter, app)) + "_SESSION", sep="\t")
