"""Makes the vectors of tests/treatments.rs with Python's hmac and hashlib: python3 tests/vectors/make.py > tests/vectors/hashes.tsv"""
import hashlib, hmac

values = ["", "iris.csv", "/home/person/data/iris.csv", "00-1A-2B-3C-4D-5E", "MyProj", "größer", "数据.csv", "x" * 64, "y" * 65, "z" * 4096,
          "9f86d081884c7d659a2feaa0c55ad015", "a\tb\"c\\d"]
keys = ["mlnet.dataset.name", "user.hash", "a"]
secrets = [bytes(32), bytes(range(32)), b"\xff" * 32]

print("# treatment\tsecret or normalize\tattribute key\tvalue as UTF-8 in hexadecimal\tresult")
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
