"""The manifests of Kubernetes: a Deployment a process, with probes, budgets and scaling."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.adapters import streams
from services.runtime.processes import PROCESSES

HEALTH_PORT = 9100
INGRESS_PORT = 8080
# Longer than DRAIN_SECONDS: whoever is told to end may finish what is under way.
_GRACE_S = 30


@dataclass(frozen=True, slots=True)
class Shape:
    """
    How a process runs: how many of it, of what size, and the durable by whose lag it grows.

    `most` above `least` asks for a durable.  What runs once stands by where a second one starts.
    """

    least: int = 2
    most: int = 2
    memory: str = "256Mi"
    cpu: str = "100m"
    durable: tuple[str, str] | None = None


SHAPES: Mapping[str, Shape] = {
    "ingress": Shape(3, 3),
    "policy_gate": Shape(2, 8, durable=(streams.INBOUND, "policy_gate")),
    "turn_runner": Shape(2, 8, memory="1Gi", cpu="200m", durable=(streams.FACTS, "turn_runner")),
    "evaluator": Shape(2, 8, durable=(streams.FACTS, "evaluator")),
    "committer": Shape(2, 8, durable=(streams.FACTS, "committer")),
    # The sending speed and the money's lots are each sender's own: no growing by itself.
    "sender": Shape(2, 2),
    "global_agent": Shape(2, 2),
    # A second relay waits for the lock of the first; a second projector would be overtaken, and
    # a second scheduler would announce twice what is late.
    "relay": Shape(2, 2),
    "scheduler": Shape(1, 1),
    "projector": Shape(1, 1, memory="512Mi"),
    # Written by hand, with the proxy that asks who somebody is: console.yaml.
}

_HEAD = "# Written by `python -m deploy.operations`: change the code instead.\n"
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {dashed}
  labels: {{ app.kubernetes.io/name: {dashed}, app.kubernetes.io/part-of: parley }}
spec:
  replicas: {least}
  strategy: {strategy}
  selector: {{ matchLabels: {{ app.kubernetes.io/name: {dashed} }} }}
  template:
    metadata:
      labels: {{ app.kubernetes.io/name: {dashed}, app.kubernetes.io/part-of: parley }}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "{health}"
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: {grace}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        seccompProfile: {{ type: RuntimeDefault }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {{ matchLabels: {{ app.kubernetes.io/name: {dashed} }} }}
      containers:
        - name: {dashed}
          image: parley:latest
          args: ["run", "{name}"]
          envFrom:
            - configMapRef: {{ name: parley }}
          env:
            - {{ name: PARLEY_DATABASE_URL_FILE, value: /secrets/{name}/database_url }}
            - {{ name: PARLEY_NATS_NKEY_SEED_FILE, value: /secrets/{name}/nats_nkey_seed }}
            - {{ name: PARLEY_PEPPER_FILE, value: /secrets/parley/pepper }}
            - {{ name: PARLEY_MASTER_KEY_FILE, value: /secrets/parley/master_key }}
{more_env}          ports:
            - {{ name: health, containerPort: {health} }}
{more_ports}          startupProbe:
            httpGet: {{ path: /livez, port: health }}
            periodSeconds: 2
            failureThreshold: 45
          livenessProbe:
            httpGet: {{ path: /livez, port: health }}
            periodSeconds: 10
            failureThreshold: 6
          readinessProbe:
            httpGet: {{ path: /readyz, port: health }}
            periodSeconds: 5
            timeoutSeconds: 3
          resources:
            requests: {{ cpu: {cpu}, memory: {memory} }}
            limits: {{ memory: {memory} }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{ drop: ["ALL"] }}
          volumeMounts:
            - {{ name: own, mountPath: /secrets/{name}, readOnly: true }}
            - {{ name: parley, mountPath: /secrets/parley, readOnly: true }}
            - {{ name: state, mountPath: /state }}
      volumes:
        - {{ name: own, secret: {{ secretName: {dashed}, defaultMode: 0440 }} }}
        - {{ name: parley, secret: {{ secretName: parley, defaultMode: 0440 }} }}
        - {{ name: state, emptyDir: {{}} }}
"""
_BUDGET = """\
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{ name: {dashed} }}
spec:
  {bound}
  selector: {{ matchLabels: {{ app.kubernetes.io/name: {dashed} }} }}
"""
_SCALED = """\
---
# KEDA reads the lag from the monitoring port of NATS; without KEDA leave this document out.
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {{ name: {dashed} }}
spec:
  scaleTargetRef: {{ name: {dashed} }}
  minReplicaCount: {least}
  maxReplicaCount: {most}
  cooldownPeriod: 120
  triggers:
    - type: nats-jetstream
      metadata:
        natsServerMonitoringEndpoint: "nats.parley.svc:8222"
        account: PARLEY
        stream: {stream}
        consumer: {durable}
        lagThreshold: "50"
        activationLagThreshold: "0"
"""
_SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {{ name: {dashed} }}
spec:
  selector: {{ app.kubernetes.io/name: {dashed} }}
  ports: [ {{ name: http, port: 80, targetPort: http }} ]
"""
_CARRIER = ("ingress", "sender", "scheduler")
_MODEL = ("turn_runner", "evaluator")


def dashed(process: str) -> str:
    """Return a process's name as Kubernetes takes it."""
    return process.replace("_", "-")


def manifests() -> dict[str, str]:
    """Return every manifest that follows from the code, by file name."""
    return {f"{dashed(name)}.yaml": _manifest(name, shape) for name, shape in SHAPES.items()}


def _manifest(name: str, shape: Shape) -> str:
    assert name in PROCESSES
    values = {
        "name": name, "dashed": dashed(name), "least": shape.least, "most": shape.most,
        "health": HEALTH_PORT, "grace": _GRACE_S, "cpu": shape.cpu, "memory": shape.memory,
        "more_env": _more_env(name), "more_ports": _more_ports(name),
        "strategy": "{ type: Recreate }" if shape.least == 1 else "{ type: RollingUpdate }",
        # What runs once may be moved; of two, one stays.
        "bound": "maxUnavailable: 1" if shape.least == 1 else f"minAvailable: {shape.least - 1}",
    }  # fmt: skip
    text = _HEAD + _DEPLOYMENT.format(**values) + _BUDGET.format(**values)
    if shape.durable is not None:
        stream, durable = shape.durable
        text += _SCALED.format(**values, stream=stream, durable=durable)
    if name == "ingress":
        text += _SERVICE.format(**values)
    return text


def _more_env(name: str) -> str:
    given: list[tuple[str, str]] = []
    if name in _CARRIER:
        given.append(("PARLEY_TWILIO_AUTH_TOKENS_FILE", "/secrets/parley/twilio_auth_tokens"))
    if name in _MODEL:
        given.append(("PARLEY_GOOGLE_API_KEY_FILE", "/secrets/parley/google_api_key"))
    if name == "ingress":
        given += [("PARLEY_INGRESS_HOST", "0.0.0.0"), ("PARLEY_INGRESS_PORT", str(INGRESS_PORT))]  # noqa: S104  # inside its pod
    return "".join(f'            - {{ name: {key}, value: "{value}" }}\n' for key, value in given)


def _more_ports(name: str) -> str:
    if name != "ingress":
        return ""
    return f"            - {{ name: http, containerPort: {INGRESS_PORT} }}\n"
