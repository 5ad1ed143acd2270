/** Texts about what all objects share. */
import type { Descriptions } from '../descriptions.ts';

export const META = {
  'meta.v1.ObjectMeta': {
    '': 'What every stored object has beside its own fields.',
    name: 'The name, unique among objects of this kind in the namespace. It cannot change.',
    generateName: 'A beginning for a name: the server adds five random characters when name is empty.',
    namespace: 'The namespace the object lives in. Empty means default. It cannot change; some kinds have none.',
    uid: 'An identity that no other object, past or future, has. The server sets it.',
    resourceVersion:
      'Changes with every write. Send it back with an update, and the server refuses when somebody else wrote in between.',
    generation: 'Counts the changes of what is wanted. The server sets it.',
    creationTimestamp: 'When the server created the object.',
    deletionTimestamp: 'When the object is due to go. Set by the server once somebody asked for its deletion.',
    deletionGracePeriodSeconds: 'How long the object may take to end, in seconds. Set together with deletionTimestamp.',
    labels: 'Short keys and values to group and select objects by.',
    annotations: 'Keys and values of any form for tools to keep notes in. Nothing is selected by them.',
    ownerReferences: 'What this object belongs to. When all owners are gone, it is deleted too.',
    finalizers: 'Tasks that must be done before the object may go. Each is removed by whoever did it.',
    managedFields: 'Which writer set which fields, for server-side apply.',
    selfLink: 'No longer set.',
  },
  'meta.v1.ListMeta': {
    '': 'What every list has beside its items.',
    resourceVersion: 'The state of the cluster that the list shows. Watch from here to see what changes after it.',
    continue: 'Send this back to get the next page. Empty on the last one.',
    remainingItemCount: 'How many items follow this page, as far as that is known.',
  },
  'meta.v1.OwnerReference': {
    '': 'Names the object that this one belongs to. It must be in the same namespace, or in none.',
    apiVersion: "The owner's API version.",
    kind: "The owner's kind.",
    name: "The owner's name.",
    uid: "The owner's uid: a new object of the same name is not the owner.",
    controller: 'Whether the owner is the one that manages this object. There is at most one such.',
    blockOwnerDeletion: 'Whether the owner has to wait for this object when it is deleted in the foreground.',
  },
  'meta.v1.LabelSelector': {
    '': 'Selects objects by their labels. Everything it lists must hold; an empty selector selects all objects.',
    matchLabels: 'Labels that an object must have, with exactly these values.',
    matchExpressions: 'Conditions on labels that equality cannot express.',
  },
  'meta.v1.LabelSelectorRequirement': {
    '': 'One condition on a label.',
    key: 'The label it is about.',
    operator: 'In, NotIn, Exists or DoesNotExist.',
    values: 'The values to compare with: some for In and NotIn, none for the others.',
  },
  'meta.v1.Condition': {
    '': 'One aspect of what an object is like at the moment.',
    type: 'Which aspect.',
    status: 'True, False or Unknown.',
    reason: 'Why, in one word for programs.',
    message: 'Why, in a sentence for people.',
    lastTransitionTime: 'When the status last changed.',
    observedGeneration: 'The generation of the object that the condition was found for.',
  },
  'meta.v1.Status': {
    '': 'How a request ended, when there is no object to return.',
    status: 'Success or Failure.',
    message: 'What happened, for people.',
    reason: 'What happened, in one word for programs.',
    details: 'What the request was about, and what was wrong with it.',
    code: 'The HTTP code of the answer.',
  },
  'meta.v1.DeleteOptions': {
    '': 'How to delete an object.',
    gracePeriodSeconds:
      "How long the object may take to end, in seconds. 0 means at once. Absent means the kind's usual time.",
    preconditions: 'What must be true of the object for the deletion to happen.',
    propagationPolicy: 'What becomes of the objects that belong to it: Orphan, Background or Foreground.',
    dryRun: 'All: go through everything, but delete nothing.',
    orphanDependents: 'Use propagationPolicy instead.',
  },
  'meta.v1.Time': { '': 'A time to the second, such as 2026-11-23T06:30:00Z.' },
  'meta.v1.MicroTime': { '': 'A time to the microsecond, such as 2026-11-23T06:30:00.123456Z.' },
  'meta.v1.Patch': { '': 'A change of an object, in the form that the content type names.' },
  'resource.Quantity': {
    '': 'An amount, such as 100m (a tenth), 2, 1.5Gi (in powers of 1024) or 3M (in powers of 1000).',
  },
  'intstr.IntOrString': { '': 'A whole number or a text: a count or a percentage, the number or the name of a port.' },
} satisfies Descriptions;
