/** The requests behind a section as lines that can be run elsewhere. The key is never in them. */

/** The environment variable in which a key is expected. */
const KEY_VARIABLE = "OPTION_CHAIN_API_KEY";
/** The lists in answers of routes that know no CSV, by the end of their paths. @type {Record<string, string>} */
const LISTS = { gaps: "gaps" };

/** @param {string[]} urls @param {boolean} needsKey @returns {string} */
export function curlLines(urls, needsKey) {
    const key = needsKey ? ` -H "X-Api-Key: $${KEY_VARIABLE}"` : "";
    return urls.map((url) => `curl --compressed${key} ${quoted(url)}`).join("\n");
}

/** @param {string[]} urls @param {boolean} needsKey @returns {string} Python */
export function pandasLines(urls, needsKey) {
    const key = needsKey ? `, storage_options={"X-Api-Key": os.environ["${KEY_VARIABLE}"]}` : "";
    const imports = needsKey ? "import os\n\nimport pandas as pd\n" : "import pandas as pd\n";
    const lines = urls.map((url, index) => {
        const name = urls.length > 1 ? `frame_${index + 1}` : "frame";
        return `${name} = ${frameOf(url, key)}`;
    });
    return [imports, ...lines].join("\n");
}

/** What makes a table of an answer. @param {string} url @param {string} key an argument, or "" */
function frameOf(url, key) {
    const list = LISTS[new URL(url).pathname.split("/").at(-1) ?? ""];
    if (!list) return `pd.read_csv(${JSON.stringify(asCsv(url))}${key})`;
    const answer = `pd.read_json(${JSON.stringify(url)}, typ="series"${key})`;
    return `pd.DataFrame(${answer}["${list}"])`;
}

/** @param {string} url @returns {string} the same as CSV, which has no layout */
function asCsv(url) {
    const found = new URL(url);
    found.searchParams.delete("layout");
    found.searchParams.set("format", "csv");
    return found.href;
}

/** For a shell. @param {string} text */
function quoted(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
