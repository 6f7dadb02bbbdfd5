/** Splitting where the script changes, as Hugging Face's `UnicodeScripts` does. */

/** Those in use, with the most frequent first. A character of none of them counts as one of no script. */
const SCRIPTS =
  "Latin Common Han Cyrillic Inherited Arabic Hangul Hiragana Katakana Greek Devanagari Hebrew Thai Bengali Tamil Telugu " +
  "Georgian Armenian Gujarati Gurmukhi Kannada Malayalam Sinhala Oriya Lao Tibetan Myanmar Khmer Mongolian Ethiopic " +
  "Adlam Ahom Anatolian_Hieroglyphs Avestan Balinese Bamum Bassa_Vah Batak Bhaiksuki Bopomofo Brahmi Braille Buginese " +
  "Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Coptic Cuneiform Cypriot Deseret " +
  "Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Glagolitic Gothic Grantha Gunjala_Gondi " +
  "Hanifi_Rohingya Hanunoo Hatran Imperial_Aramaic Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi " +
  "Kayah_Li Kharoshthi Khitan_Small_Script Khojki Khudawadi Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani " +
  "Makasar Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive " +
  "Meroitic_Hieroglyphs Miao Modi Mro Multani Nabataean Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong " +
  "Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian " +
  "Old_Turkic Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic " +
  "Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac " +
  "Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tangut Tifinagh Tirhuta Ugaritic Vai Wancho Warang_Citi Yezidi Yi " +
  "Zanabazar_Square";

let patterns: readonly (readonly [string, RegExp])[] | null = null;
const known = /* @__PURE__ */ new Map<string, string>();

/** Japanese is written in three scripts at once, which count as one. A space is of any. */
function scriptOf(c: string): string {
  let script = known.get(c);
  if (script !== undefined) return script;
  patterns ??= SCRIPTS.split(" ").map((name) => [name, new RegExp(`\\p{Script=${name}}`, "u")]);
  script = c === " " ? "Any" : (patterns.find(([, pattern]) => pattern.test(c))?.[0] ?? "Any");
  if (c === "ー" || script === "Hiragana" || script === "Katakana") script = "Han";
  if (known.size > 20_000) known.clear();
  known.set(c, script);
  return script;
}

/** Spaces stay with what is before them; those at the start are dropped, as they are there. */
export function splitByScript(text: string): string[] {
  const begins: number[] = [];
  let at = 0;
  let last: string | null = null;
  for (const c of text) {
    const script = scriptOf(c);
    if (script !== "Any") {
      if (script !== last) begins.push(at);
      last = script;
    }
    at += c.length;
  }
  return begins.map((begin, i) => text.slice(begin, begins[i + 1]));
}
