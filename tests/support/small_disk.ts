/**
 * A file system of its own for a test, small enough to be filled: in memory,
 * or an image with ext4 that an error makes read-only, as it does on a memory
 * card that wears out. Only for tests that need the tool `tmpfs` or `ext4`.
 */

export class SmallDisk implements AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  readonly #root: string;
  /** What is mounted, if it is an image. */
  readonly #image: string | undefined;

  private constructor(root: string, image: string | undefined) {
    this.#root = root;
    this.#image = image;
    this.path = `${root}/mounted`;
  }

  /** In memory, of that size. */
  static async inMemory(size: string): Promise<SmallDisk> {
    const disk = new SmallDisk(await madeRoot(), undefined);
    await run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk.path);
    return disk;
  }

  /** An image of that size with ext4. */
  static async image(size: string): Promise<SmallDisk> {
    const root = await madeRoot();
    const disk = new SmallDisk(root, `${root}/image`);
    await run("truncate", "-s", size, disk.#image!);
    await run("mkfs.ext4", "-q", disk.#image!);
    await disk.#mountImage();
    return disk;
  }

  /** Takes so much of it. */
  async fill(bytes: number): Promise<void> {
    await Deno.writeFile(`${this.path}/filler`, new Uint8Array(bytes));
  }

  /** Gives that back. */
  async free(): Promise<void> {
    await Deno.remove(`${this.path}/filler`);
  }

  /** Lets nobody write to it, or everybody again; while nobody does. */
  async remount(how: "ro" | "rw"): Promise<void> {
    await run("mount", "-o", `remount,${how}`, this.path);
  }

  /** Makes an image read-only, whoever writes to it. */
  async breakDown(): Promise<void> {
    const device = await run("findmnt", "-no", "SOURCE", this.path);
    const name = device.replace("/dev/", "");
    const path = `/sys/fs/ext4/${name}/trigger_fs_error`;
    await Deno.writeTextFile(path, "a test");
  }

  /** Mounts an image anew, when nobody uses it. */
  async repair(): Promise<void> {
    await run("umount", this.path);
    await run("sh", "-c", `e2fsck -fp ${this.#image} || [ $? -le 1 ]`);
    await this.#mountImage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", "--lazy", this.path);
    await Deno.remove(this.#root, { recursive: true });
  }

  async #mountImage(): Promise<void> {
    const options = "loop,errors=remount-ro";
    await run("mount", "-o", options, this.#image!, this.path);
  }
}

async function madeRoot(): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "broker-disk-" });
  await Deno.mkdir(`${root}/mounted`);
  return root;
}

/** What a program prints, which has to end well. */
async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout).trim();
  const why = decoder.decode(stderr).trim();
  throw new Error(`${program} ${args.join(" ")}: ${why}`);
}
