/** The argument block of a program: int32 words with the addresses of the arguments, of the results and of the arena. */
import type { Program } from "../../kernel/program";

/** Numbers of the words in the argument block. */
export class ProgramLayout {
  readonly arena: number;
  readonly scratch: number;
  /** Scratch memory of the first thread, which all use for what they do together. */
  readonly common: number;
  /** Scratch memory for what large maps write in bursts; 0 if they shall not. */
  readonly bursts: number;
  readonly words: number;
  private readonly program: Program;

  constructor(program: Program) {
    this.program = program;
    this.arena = program.inputs.length + program.outputs.length;
    this.scratch = this.arena + 1;
    this.common = this.arena + 2;
    this.bursts = this.arena + 3;
    this.words = this.arena + 4;
  }

  /** Word with the address of a buffer, and bytes to add to it. */
  place(buffer: number): { readonly word: number; readonly offsetBytes: number } {
    const { place } = this.program.buffers[buffer]!;
    if (place.at === "input") return { word: place.index, offsetBytes: 0 };
    if (place.at === "output") return { word: this.program.inputs.length + place.index, offsetBytes: 0 };
    return { word: this.arena, offsetBytes: place.offsetBytes };
  }
}
