import { attributeValue, dataTypes, type AttributeTypes, type OpAttribute } from "./graph-def";
import { type Constant, type RecordedOp, type Recording, type Source, Place } from "./recording";

type Attributes = RecordedOp["attributes"];

/** A recording while its ops are replaced one after the other, and what rules ask about it and add to it. */
export class Rewriting {
  private readonly ops: RecordedOp[] = [];
  private readonly constants: Constant[];
  /** What has become of each op. */
  private readonly moved: number[] = [];
  private readonly made = new Map<string, Source>();

  constructor(
    private readonly recording: Recording,
    readonly types: AttributeTypes,
  ) {
    this.constants = [...recording.constants];
  }

  /** What stands for the next op of the recording. */
  replace(op: RecordedOp): void {
    this.moved.push(this.ops.push(op) - 1);
  }

  /** One more op. */
  add(op: RecordedOp): Source {
    return { kind: "op", index: this.ops.push(op) - 1, output: 0 };
  }

  /** What is made of a source once, whoever asks. */
  once(what: string, of: Source, make: () => Source): Source {
    const key = `${what} ${JSON.stringify(of)}`,
      known = this.made.get(key) ?? make();
    this.made.set(key, known);
    return known;
  }

  /**
   * An op on numbers with integers that say how: a shape, an order, paddings. @param index the name of the integers'
   * type
   */
  arranged(name: string, index: string, x: Source, integers: readonly Source[], place: Place): Source {
    return this.add({ name, attributes: this.typed(index), inputs: [x, ...integers], place });
  }

  /** @param shape Default: a vector */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): Source {
    const bytes = Buffer.from(Int32Array.from(values).buffer);
    return {
      kind: "constant",
      index: this.constants.push({ dataType: dataTypes.int32, shape, bytes, place: new Place() }) - 1,
    };
  }

  /** A source of the recording as it is called now. */
  readonly now = (source: Source): Source =>
    source.kind === "op" ? { ...source, index: this.moved[source.index] } : source;

  /** The op of the recording that makes a source. */
  makerOf(source: Source): RecordedOp | undefined {
    return source.kind === "op" ? this.recording.ops[source.index] : undefined;
  }

  /** Of a source of the recording. */
  shapeOf(source: Source): readonly number[] | undefined {
    switch (source.kind) {
      case "input":
        return this.recording.inputs[source.index].shape;
      case "captured":
        return this.recording.captured[source.index].shape;
      case "constant":
        return this.recording.constants[source.index].shape;
      case "op":
        return source.output === 0 ? this.recording.ops[source.index].shape : undefined;
    }
  }

  /** Whether an op has an attribute of this value. @param orAbsent it is the default */
  is(op: RecordedOp, attribute: OpAttribute, orAbsent = false): boolean {
    const found = op.attributes.find(([name]) => name === attribute.name)?.[1];
    return found ? found.equals(attributeValue(attribute, this.types)) : orAbsent;
  }

  private encoded(...list: readonly OpAttribute[]): Attributes {
    return list.map((each) => [each.name, attributeValue(each, this.types)] as const);
  }

  finish(): Recording {
    return {
      ...this.recording,
      ops: this.ops,
      constants: this.constants,
      outputs: this.recording.outputs.map(this.now),
    };
  }

  /** Attributes of an op on numbers with integers. */
  typed(index: string): Attributes {
    const { TF_ATTR_TYPE: type } = this.types;
    return this.encoded({ name: "T", type, value: dataTypes.float32 }, { name: index, type, value: dataTypes.int32 });
  }
}
