# SPDX-License-Identifier: Apache-2.0
"""An authority, and what it has signed, made with openssl."""

import subprocess

EC = ["-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(folder, *arguments, data=None):
    subprocess.run(["openssl", *arguments], cwd=folder, input=data, check=True, capture_output=True)


def make_certificates(folder):
    openssl(folder, "req", "-x509", "-newkey", "ec", *EC, "-subj", "/CN=eddy-ca", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl(folder, "req", "-newkey", "ec", *EC, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-extfile", "/dev/stdin", "-out", f"{name}.pem", data=b"subjectAltName=DNS:localhost,IP:127.0.0.1")
