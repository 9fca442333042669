import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** Where a secret is found below a folder, as `path: form`: itself and its digest, as they are and in base64. */
export function tracesOf(secret: string, folder: string): string[] {
  const digest = createHash('sha256').update(secret).digest('hex');
  const forms = [...formsOf('value', secret), ...formsOf('digest', digest)];
  return filesBelow(folder).flatMap((path) => {
    const texts = contentsOf(readFileSync(join(folder, path)));
    return forms
      .filter(({ text }) => texts.some((content) => content.includes(text)))
      .map(({ name }) => `${path}: ${name}`);
  });
}

/** What is searched: the files below a folder. Links, as Terraform makes of its providers, are left out. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** A text, and what base64 makes of it wherever in a longer text it stands. */
function formsOf(name: string, text: string): { name: string; text: string }[] {
  const encoded = [0, 1, 2].map((shift) => {
    const whole = Buffer.from(`${'-'.repeat(shift)}${text}`).toString('base64');
    // the first and last characters depend on what stands beside the text
    return { name: `${name} in base64`, text: whole.slice(shift === 0 ? 0 : shift + 1, -4) };
  });
  return [{ name, text }, ...encoded];
}

/** A file as it is, and what is packed into it where it is an archive, as a plan is. */
function contentsOf(file: Buffer): string[] {
  const packed = file.subarray(0, 4).toString('latin1') === 'PK\x03\x04' ? unpacked(file) : [];
  return [file, ...packed].map((content) => content.toString('latin1'));
}

/** The entries of a zip archive, found by the directory at its end. */
function unpacked(archive: Buffer): Buffer[] {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const entries: Buffer[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const isDeflated = archive.readUInt16LE(at + 10) === 8;
    const header = archive.readUInt32LE(at + 42);
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const data = archive.subarray(start, start + archive.readUInt32LE(at + 20));
    entries.push(isDeflated ? inflateRawSync(data) : data);
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}
