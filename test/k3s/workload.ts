/** What the K3s lane scales: one pod that keeps a core busy, and a policy that cannot be content with it. */
export const BUSY = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: busy }
spec:
  replicas: 1
  selector: { matchLabels: { app: busy } }
  template:
    metadata: { labels: { app: busy } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: busy
          image: plimsoll:0.1.0
          imagePullPolicy: Never
          command: [/nodejs/bin/node, --eval, "for (;;);"]
          resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { cpu: 200m } }
`;

export const POLICY = `
apiVersion: plimsoll.dev/v1alpha1
kind: ScalePolicy
metadata: { name: busy }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: busy }
  horizontal:
    minReplicas: 1
    maxReplicas: 3
    metrics:
      - { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } } }
`;
