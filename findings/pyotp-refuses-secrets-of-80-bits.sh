#!/usr/bin/env bash
# pyotp 2.12.1 and, beside it, pyotp 2.9.0, seen 29 November 2026.
#
# The secret of a one-time code (TOTP, RFC 6238) is made by the service that asks for the code. Many services print one
# of 16 characters of base32, which are 80 bits.
#
# Likely guess: a client makes the codes of any secret that a service gives, as pyotp 2.9.0 does.
# Behaviour: pyotp 2.12.1 raises ValueError for secrets of less than 112 bits, already when the object is made. The error
# has the type of the one for text that is no base32. RFC 6238 has no such bound for who computes a code: its secret of
# 160 bits is only an example, and RFC 4226 asks the services for 128 bits.
#
# Why it matters: a program that logs in by itself stops doing so with an update of pyotp, and a message "the secret is
# no base32 text" sends its owner on a wrong way. The bound can be lowered in a subclass (`min_secret_length_bits`), or
# the ten lines of RFC 6238 written with the standard library, as the recorder does.
#
# Run it with a Python from 3.10 on: PYTHON=python3.13 findings/pyotp-refuses-secrets-of-80-bits.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > codes.py <<'PYTHON'
import pyotp

for secret in ("JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"):
    try:
        print(f"{len(secret) * 5} bits: {pyotp.TOTP(secret).at(59)}")
    except ValueError as error:
        print(f"{len(secret) * 5} bits: {error}")
PYTHON

for version in 2.9.0 2.12.1; do
  "${PYTHON:-python3}" -m venv "$version"
  "$version/bin/python" -m pip install --quiet --disable-pip-version-check "pyotp==$version"
  echo "pyotp $version"
  "$version/bin/python" codes.py | tee "$version.txt"
done

# The code of the long one is printed in RFC 6238, appendix B: 94287082, of which these are the last six digits.
for version in 2.9.0 2.12.1; do
  grep -qx "160 bits: 287082" "$version.txt"
done
grep -qxE "80 bits: [0-9]{6}" 2.9.0.txt
grep -qx "80 bits: Secrets must be at least 112 bits after decoding" 2.12.1.txt
echo "As described: pyotp 2.12.1 makes no code of 80 bits."
