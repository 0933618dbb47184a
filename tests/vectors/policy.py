"""Makes the vectors of tests/policy with other implementations of protobuf (from proto/policy.proto itself), Ed25519 and HMAC:
pip install cryptography grpcio-tools && python3 tests/vectors/policy.py > tests/vectors/policy.tsv"""
import hashlib, hmac, importlib, pathlib, sys, tempfile
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import MessageToJson
from grpc_tools import protoc

proto = pathlib.Path(__file__).parents[2] / "proto"
with tempfile.TemporaryDirectory() as folder:
    assert protoc.main(["", f"-I{proto}", f"--python_out={folder}", "policy.proto"]) == 0
    sys.path.insert(0, folder)
    policy = importlib.import_module("policy_pb2")

NOW, DAY, DOMAIN = 1_800_000_000, 86_400, b"scruple/1/policy\0"
KEYS = {"current": Ed25519PrivateKey.from_private_bytes(bytes(range(32))), "next": Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)}

def key_id(name):
    return hashlib.sha256(KEYS[name].public_key().public_bytes_raw()).digest()[:8].hex() if name in KEYS else name

def payload(**fields):
    fields = dict(app_id="com.example.mlnet", serial=7, not_before=NOW - DAY, not_after=NOW + DAY) | fields
    return policy.Payload(**fields)

def envelope(content, key="current", name=None, domain=DOMAIN):
    content = content if isinstance(content, bytes) else content.SerializeToString(deterministic=True)
    return policy.Envelope(key_id=key_id(name or key), payload=content, signature=KEYS[key].sign(domain + content)).SerializeToString(deterministic=True)

def row(expected, file, content=None):
    text = MessageToJson(content, preserving_proto_field_name=True, indent=None) if content else ""
    print("policy", expected, file.hex(), hashlib.sha256(file).hexdigest(), text, sep="\t")

full = payload(
    disabled_signals=["mlnet.crash", "mlnet.train"], disabled_attributes=["mlnet.dataset.name", "mlnet.rows"],
    off_where=[policy.OffWhere(key="mlnet.sdk", members=["größe", "skinny"]), policy.OffWhere(key="os.type", members=["windows"])],
    off_versions=[{"to": [1]}, {"from": [1, 2], "to": [1, 2, 0, 300]}, {"from": [16, 18, 2, 4294967295]}], rollout_basis_points=2_500)

print("# draw\tthe period's secret\tits HMAC\tthe draw")
print("# policy\twhat verify says\tthe file\tits SHA-256\tthe payload as protobuf's JSON, by a program whose keys are:")
for name, key in KEYS.items():
    print("key", name, key_id(name), key.public_key().public_bytes_raw().hex(), sep="\t")
for number in range(24):
    secret = hashlib.sha256(bytes([number])).digest()
    mac = hmac.new(secret, b"scruple/1/rollout", hashlib.sha256).digest()
    print("draw", secret.hex(), mac.hex(), int.from_bytes(mac[:8], "big") % 10_000, sep="\t")
for key in KEYS:
    for content in [payload(), full, payload(rollout_basis_points=0), payload(rollout_basis_points=10_000), payload(not_after=NOW + 29 * DAY)]:
        row("Ok", envelope(content, key), content)
row("UnknownKey", envelope(full, name="another"))
row("Signature", envelope(full, "next", name="current"))
row("Signature", envelope(full, domain=b""))
row("Signature", envelope(full, domain=b"scruple/2/policy\0"))
row("Malformed", policy.Envelope(key_id=key_id("current"), payload=full.SerializeToString()).SerializeToString())
row("Signature", policy.Envelope(key_id=key_id("current"), payload=full.SerializeToString(), signature=bytes(63)).SerializeToString())
row("Malformed", b"")
row("Malformed", envelope(b"\x0a\x7f"))
row("Malformed", envelope(b"\x0a\x01\xff"))
row("NotCanonical", envelope(full.SerializeToString() + b"\x52\x01x"))
row("NotCanonical", envelope(payload().SerializeToString() + payload(serial=8).SerializeToString()))
row("NotCanonical", envelope(payload().SerializeToString() + b"\x42\x02\x10\x01"))
row("NotCanonical", envelope(payload().SerializeToString() + b"\x3a\x08\x0a\x01k\x12\x01m\x1a\x00"))
row("NotCanonical", envelope(full) + b"\x22\x00")
row("NotCanonical", envelope(payload(disabled_signals=["b", "a"])))
row("NotCanonical", envelope(payload(off_versions=[{"to": [1, 0]}])))
row("AnotherApp", envelope(payload(app_id="com.example.other")))
row("Replayed", envelope(payload(serial=4)))
row("NotYet", envelope(payload(not_before=NOW + 1)))
row("Expired", envelope(payload(not_after=NOW)))
row("TooLong", envelope(payload(not_after=NOW + 29 * DAY + 1)))
row("Range", envelope(payload(rollout_basis_points=10_001)))
row("Range", envelope(payload(serial=0)))
row("Range", envelope(payload(off_versions=[{"from": [1], "to": [1]}])))
row("Range", envelope(payload(off_versions=[{"from": [1, 2, 3, 4, 5]}])))
row("Range", envelope(payload(off_where=[{"key": "os.type"}])))
row("Range", envelope(payload(disabled_attributes=[""])))
