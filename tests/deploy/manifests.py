# SPDX-License-Identifier: Apache-2.0
"""manifests.py BUILD SOURCE WORK: the Kubernetes manifests and the compose file fit their schemas, name each other rightly, and
carry configurations that the host takes. No cluster is asked."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema
import kubernetes_validate
import yaml

BUILD, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
KUBERNETES = SOURCE / "deploy/kubernetes"
SCHEMAS = pathlib.Path(__file__).parent / "schemas"
VERSIONS = ["1.31", "1.33", "1.37"]
# Of what each image or pod is given from outside; any value will do.
ENVIRONMENT = {**os.environ, "POSTGRES_PASSWORD": "p", "HOSTNAME": "eddy-0", "EDDY_INGEST_TOKEN_HASH": "sha256:" + "0" * 64,
               "EDDY_ADMIN_TOKEN_HASH": "sha256:" + "0" * 64}
failures = []


def check(truth, text):
    if not truth:
        failures.append(text)


def objects(folder):
    """What kustomize would put together, patches left out: (file, object) of a folder and those it stands on."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    for name in kustomization["resources"]:
        path = (folder / name).resolve()
        check(path.exists(), f"{folder.name}/kustomization.yaml: {name} is not there")
        if path.is_dir():
            yield from objects(path)
        else:
            for document in yaml.safe_load_all(path.read_text()):
                yield path, document
    for patch in kustomization.get("patches", []):
        check((folder / patch["path"]).exists(), f"{folder.name}: patch {patch['path']} is not there")


def fits(path, one):
    where = f"{path.relative_to(KUBERNETES)} {one['kind']}"
    if one["kind"] == "ScaledObject":
        schema = json.loads((SCHEMAS / "keda.sh_scaledobject_v1alpha1.json").read_text())
        for error in jsonschema.Draft202012Validator(schema).iter_errors(one):
            failures.append(f"{where}: {error.json_path}: {error.message}")
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            failures.append(f"{where}, Kubernetes {version}: {error}")


def pod_is_confined(where, pod):
    check(pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001, f"{where}: runs as root")
    check(pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", f"{where}: no seccomp profile")
    check(pod["automountServiceAccountToken"] is False, f"{where}: has a token of the cluster")
    check(pod["terminationGracePeriodSeconds"] > 30, f"{where}: killed while it drains")
    for container in pod["containers"] + pod["initContainers"]:
        context = container["securityContext"]
        check(context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
              and context["capabilities"]["drop"] == ["ALL"], f"{where}: {container['name']} is not confined")


def belongs_together(name, everything):
    """Names that one object uses and another has to have."""
    by_kind = {}
    for _, one in everything:
        by_kind.setdefault(one["kind"], []).append(one)
    workload, = by_kind.get("Deployment", []) + by_kind.get("StatefulSet", [])
    template = workload["spec"]["template"]
    pod, labels = template["spec"], template["metadata"]["labels"]
    pod_is_confined(name, pod)
    selectors = [workload["spec"]["selector"]["matchLabels"], by_kind["PodDisruptionBudget"][0]["spec"]["selector"]["matchLabels"],
                 by_kind["NetworkPolicy"][0]["spec"]["podSelector"]["matchLabels"]]
    selectors += [service["spec"]["selector"] for service in by_kind["Service"]]
    for selector in selectors:
        check(selector.items() <= labels.items(), f"{name}: {selector} selects no pod with {labels}")
    host = pod["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in host["ports"]}
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        check(host[probe]["httpGet"]["port"] in ports, f"{name}: {probe} asks a port that is not there")
    for service in by_kind["Service"]:
        for port in service["spec"]["ports"]:
            check(ports.get(port["targetPort"]) == port["port"], f"{name}: service port {port['name']}")
    volumes = {volume["name"] for volume in pod["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    used = {mount["name"] for container in pod["containers"] + pod["initContainers"] for mount in container["volumeMounts"]}
    check(used == volumes, f"{name}: volumes {volumes}, mounted {used}")
    check(pod["serviceAccountName"] == by_kind["ServiceAccount"][0]["metadata"]["name"], f"{name}: service account")
    secret, = by_kind["Secret"]
    check(host["envFrom"][0]["secretRef"]["name"] == secret["metadata"]["name"], f"{name}: secret")
    for scaled in by_kind.get("ScaledObject", []):
        check(scaled["spec"]["scaleTargetRef"]["name"] == workload["metadata"]["name"], f"{name}: scales something else")
    if workload["kind"] == "StatefulSet":
        check(workload["spec"]["replicas"] == 1, f"{name}: a store has one host")
        check(workload["spec"]["serviceName"] in [s["metadata"]["name"] for s in by_kind["Service"]], f"{name}: serviceName")
    configuration = by_kind["ConfigMap"][0]["data"]["eddy.yaml"]
    named = {word for word in secret["stringData"]} | {"HOSTNAME"}
    wanted = {part.split("}")[0] for part in configuration.split("${")[1:]}
    check(wanted <= named, f"{name}: the configuration wants {wanted - named}, which no secret gives")
    taken(name, configuration)


def taken(where, text):
    """The host takes it as it is, but for folders of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        for place in ("data", "plugins.d"):
            os.mkdir(f"{folder}/{place}", 0o755)
        path = pathlib.Path(folder) / "eddy.yaml"
        path.write_text(text.replace("/var/lib/eddy", folder))
        done = subprocess.run([BUILD / "bin/eddy", "check", "--offline", "-c", path], env=ENVIRONMENT, capture_output=True, text=True)
        check(done.returncode == 0, f"{where}: eddy check: {done.stdout}{done.stderr}")


def compose():
    for arguments in ([], ["--profile", "all"]):
        done = subprocess.run(["docker-compose", "-f", SOURCE / "deploy/compose.yaml", *arguments, "config"], env=ENVIRONMENT,
                              capture_output=True, text=True)
        check(done.returncode == 0, f"docker-compose {arguments}: {done.stderr}")
    text = yaml.safe_load((SOURCE / "deploy/compose.yaml").read_text())
    for name, service in text["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                check((SOURCE / "deploy" / source).exists(), f"compose: {name} mounts {source}, which is not there")
            elif not source.startswith("$"):
                check(source in text["volumes"], f"compose: {name} uses volume {source}, which is not declared")
    eddy = text["services"]["eddy"]
    check(eddy["read_only"] and eddy["cap_drop"] == ["ALL"], "compose: the host is not confined")
    taken("compose", (SOURCE / "deploy/docker/eddy.yaml").read_text())
    if failures:
        return
    with tempfile.TemporaryDirectory() as folder:  # as they lie in the container
        for name in ("docker/prometheus.yml", "prometheus/eddy.rules.yml"):
            shutil.copy(SOURCE / "deploy" / name, folder)
        done = subprocess.run(["promtool", "check", "config", f"{folder}/prometheus.yml"], capture_output=True, text=True)
        check(done.returncode == 0, f"compose: promtool: {done.stdout}{done.stderr}")


for variant in ("kafka", "embedded", "image-volume"):
    everything = list(objects(KUBERNETES / variant))
    for path, one in everything:
        fits(path, one)
    belongs_together(variant, everything)
compose()
# That this can fail at all: a member that no schema knows.
try:
    broken = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"prots": []}}
    kubernetes_validate.validate(broken, VERSIONS[0], strict=True)
    failures.append("the validator takes anything")
except kubernetes_validate.ValidationError:
    pass
print("\n".join(failures) or f"ok: {len(list(KUBERNETES.rglob('*.yaml')))} files, Kubernetes {', '.join(VERSIONS)}, KEDA 2.16.1")
sys.exit(bool(failures))
