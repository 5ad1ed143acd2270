import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildTable } from './build-table.ts';
import { parseGoPackage } from './go-structs.ts';
import { parseProto } from './proto-messages.ts';
import { writeTable } from './write-table.ts';
import { writeTypes } from './write-types.ts';

const META_PROTO = `
package k8s.io.apimachinery.pkg.apis.meta.v1;
option go_package = "k8s.io/apimachinery/pkg/apis/meta/v1";
message ObjectMeta {
  optional string name = 1;
  map<string, string> labels = 11;
}
`;
const META_GO = `
type ObjectMeta struct {
	Name   string            \`json:"name,omitempty" protobuf:"bytes,1,opt,name=name"\`
	Labels map[string]string \`json:"labels,omitempty" protobuf:"bytes,11,rep,name=labels"\`
}
`;
const PROTO = `
syntax = "proto2";
package k8s.io.api.band.v1;
option go_package = "k8s.io/api/band/v1";
// A band.
message Band {
  // About it.
  optional .k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta metadata = 1;
  optional BandSpec spec = 2;
}
message BandSpec {
  optional int32 seats = 1;
  repeated Player players = 2;
  optional Venue venue = 3;
  optional string mood = 4;
  map<string, Tunes> tunes = 5;
  optional .k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta template = 6;
  optional string notes = 7;
}
message Player {
  optional string name = 1;
}
message Tunes {
  repeated string items = 1;
}
message Venue {
  optional string hall = 1;
}
`;
const GO = `
import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)
const GroupName = "band.example"

// Mood is how it sounds.
// +enum
type Mood string

const (
	MoodGrave  Mood = "Grave"
	MoodAllegro Mood = "Allegro"
	// MoodPresto is tried out.
	// +featureGate=Presto
	MoodPresto Mood = "Presto"
)

type Tunes []string

/*
type Commented struct {
*/

// +structType=atomic

// Band plays.
type Band struct {
	metav1.TypeMeta \`json:",inline"\`
	// +optional
	metav1.ObjectMeta \`json:"metadata,omitempty" protobuf:"bytes,1,opt,name=metadata"\`
	Spec BandSpec \`json:"spec,omitempty" protobuf:"bytes,2,opt,name=spec"\`
}

type BandSpec struct {
	// +optional
	// +default=4
	Seats *int32 \`json:"seats,omitempty" protobuf:"varint,1,opt,name=seats"\`
	// +listType=map
	// +listMapKey=name
	Players []Player \`json:"players" patchStrategy:"merge" patchMergeKey:"name" protobuf:"bytes,2,rep,name=players"\`
	Venue \`json:"" protobuf:"bytes,3,opt,name=venue"\`
	// +optional
	Mood Mood \`json:"mood" protobuf:"bytes,4,opt,name=mood"\` // how it sounds
	Tunes map[string]Tunes \`json:"tunes,omitempty" protobuf:"bytes,5,rep,name=tunes"\`
	Template metav1.ObjectMeta \`json:"template,omitempty" protobuf:"bytes,6,opt,name=template"\`
	Notes string \`json:"-" protobuf:"bytes,7,opt,name=notes"\`
}

type Player struct {
	// +required
	Name string \`json:"name,omitempty" protobuf:"bytes,1,opt,name=name"\`
}

type Venue struct {
	Hall string \`json:"hall,omitempty" protobuf:"bytes,1,opt,name=hall"\`
}
`;

const parsed = (proto: string, ...go: readonly string[]) => ({ proto: parseProto(proto), go: parseGoPackage(go) });
const table = buildTable([parsed(META_PROTO, META_GO), parsed(PROTO, GO)]);

test('[API80] the table joins protobuf numbers with JSON names and markers of the Go files', () => {
  assert.deepEqual(table.messages['k8s.io.api.band.v1.BandSpec'], {
    fields: {
      seats: { number: 1, type: 'int32', pointer: true, default: 4 },
      players: {
        number: 2,
        type: 'k8s.io.api.band.v1.Player',
        list: true,
        required: true,
        listType: 'map',
        listMapKeys: ['name'],
        patchStrategy: 'merge',
        patchMergeKey: 'name',
      },
      venue: { number: 3, type: 'k8s.io.api.band.v1.Venue', inline: true },
      mood: { number: 4, type: 'string', alwaysWritten: true, enum: ['Allegro', 'Grave'], goType: 'v1.Mood' },
      tunes: { number: 5, type: 'k8s.io.api.band.v1.Tunes', map: true },
      template: { number: 6, type: 'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
    },
  });
});

test('[API80] kinds, atomic structs, list wrappers and required markers are recognised', () => {
  const { messages } = table;
  assert.deepEqual(messages['k8s.io.api.band.v1.Band']?.kind, ['band.example', 'v1', 'Band']);
  assert.equal(messages['k8s.io.api.band.v1.Band']?.atomic, true);
  assert.equal(messages['k8s.io.api.band.v1.BandSpec']?.kind, undefined);
  assert.equal(messages['k8s.io.api.band.v1.Tunes']?.listWrapper, true);
  assert.equal(messages['k8s.io.api.band.v1.Player']?.fields['name']?.required, true);
});

test('[API80] a struct that is declared as one of another package has its fields', () => {
  const other = parsed(
    'package k8s.io.api.band.v2;\nmessage Player {\n  optional string name = 1;\n}\n',
    'import (\n\tv1 "k8s.io/api/band/v1"\n)\ntype Player v1.Player\n',
  );
  const { messages } = buildTable([parsed(META_PROTO, META_GO), parsed(PROTO, GO), other]);
  assert.deepEqual(messages['k8s.io.api.band.v2.Player'], messages['k8s.io.api.band.v1.Player']);
});

test('[API80] a protobuf field without its Go field stops the generator', () => {
  const proto = 'package k8s.io.api.band.v1;\nmessage Player {\n  optional string nick = 2;\n}\n';
  assert.throws(() => buildTable([parsed(proto, GO)]), /Cannot find the Go field of Player.nick/);
  assert.throws(() => parseProto('message X {\n}\n'), /has no package line/);
});

test('[API81] the written table reads back the same', () => {
  assert.deepEqual(JSON.parse(writeTable(table)), table);
});

test('[API81] types are read-only, flatten inline messages, and require what is always there', () => {
  const band = writeTypes(table).find(({ name }) => name === 'band-v1')?.text ?? '';
  assert.equal(
    band,
    `/** Generated by tools/schema/generate.ts from the public interface definitions. Do not edit. */

import type * as metaV1 from './meta-v1.ts';

export type Band = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: metaV1.ObjectMeta;
  readonly spec: BandSpec;
};

export type BandSpec = {
  readonly seats?: number;
  readonly players: readonly Player[];
  readonly hall?: string;
  readonly mood?: string;
  readonly tunes?: Readonly<Record<string, readonly string[]>>;
  readonly template?: metaV1.TemplateMeta;
};

export type Player = {
  readonly name: string;
};

export type Venue = {
  readonly hall?: string;
};
`,
  );
});
