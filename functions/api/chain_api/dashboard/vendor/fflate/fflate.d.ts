/** What the page uses of the vendored library fflate, a script that sets a global. */

declare global {
    var fflate: {
        strToU8(text: string): Uint8Array;
        zipSync(files: Record<string, Uint8Array>): Uint8Array;
    };
}

export {};
