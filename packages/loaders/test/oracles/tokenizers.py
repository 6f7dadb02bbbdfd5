"""Writes tokenizers.json.gz: what Hugging Face's tokenizers 0.23 and SentencePiece 0.2 make of some texts, with small
vocabularies trained here. Run: python tokenizers.py (needs tokenizers, sentencepiece)."""
import base64
import gzip
import io
import json
import os
import random
import sys

here = sys.path.pop(0)  # this file would hide the module of its name
import sentencepiece as spm
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = """
The quick brown fox jumps over the lazy dog. She sells sea shells by the sea shore; the shells she sells are surely seashells.
It's true that they've done it before, and we'll do it again: don't you think I'm right? He'd say so.
Numbers: 1, 12, 123, 1234, 12345, 3.14159, 1e-5, 0x1F, 2026-11-21, 12:34:56, 1,000,000.
def encode(text): return [token for token in merge(text.split(" ")) if token is not None]
for (let i = 0; i < n; i++) { out.push(x[i] * w[i]); } // the inner product
if (a != b && !c) { return a ?? b; } else { throw new Error(`bad ${a}`); }
Der schnelle braune Fuchs springt über den faulen Hund. Die Straße ist heiß, süß und größer als gedacht.
Le cœur déçu mais l'âme plutôt naïve, Louÿs rêva de crapaüter en canoë au delà des îles, près du mälström où brûlent les novæ.
El veloz murciélago hindú comía feliz cardillo y kiwi. La cigüeña tocaba el saxofón detrás del palenque de paja. ¿Qué? ¡Sí!
Быстрая коричневая лиса прыгает через ленивую собаку. Съешь же ещё этих мягких французских булок, да выпей чаю.
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Η γρήγορη καφέ αλεπού πηδάει πάνω από τον τεμπέλη σκύλο.
敏捷的棕色狐狸跳过懒狗。你好，世界！今天天气很好。我们去公园吧。
いろはにほへとちりぬるを。素早い茶色の狐がのろまな犬を飛び越える。カタカナとひらがな。
키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. 빠른 갈색 여우가 게으른 개를 뛰어넘는다.
דג סקרן שט בים מאוכזב ולפתע מצא חברה. نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر. पशुपतिरपि तान्यहानि कृच्छ्राद्.
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files,
to deal in the software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and to permit persons to whom the software is furnished to do so, subject to the following conditions.
Tabs\tand   many    spaces     in a row, trailing too.   \n\n\nBlank lines.\r\nWindows line ends.\r\n
Emoji 😀 👍🏽 🇺🇸 👨‍👩‍👧 and symbols © ™ → ≠ ½ ² №.
""".strip()

FIXED = [
    "", " ", "  ", "\n", "\t", "a", " a", "a ", "  a  b  ", "Hello, world!", "Hello world", "hello  world", "It's they've I'M DON'T we'll'd",
    "The quick brown fox", "supercalifragilisticexpialidocious", "naïve café", "nai\u0308ve cafe\u0301", "Straße ÄÖÜ", "ΣΊΣΥΦΟΣ σς", "İstanbul ıI",
    "1234567890", "3.14 1,000 0x1F", "你好，世界！", "日本語のカタカナ", "こんにちは world", "안녕하세요", "שלום עולם", "السلام عليكم", "हिन्दी भाषा",
    "😀", "👍🏽", "👨‍👩‍👧", "🇺🇸🇩🇪", "a😀b", "𠮷野家", "𝒳𝒴𝒵", "ﬁ ﬂ ＦＵＬＬ ½ ² ①", "\u00a0nbsp\u3000ideo\u2003em", "zero\u200bwidth\u200djoin\ufeff",
    "soft\u00adhyphen", "ctrl\x01\x7f\x80", "line\nbreaks\r\n\r\nand\ttabs ", "trailing   ", "   leading", "...!!!???", "-- --- ----", "(a)[b]{c}<d>",
    "https://example.com/path?q=1&r=2#frag", "user.name+tag@example.org", "for (let i = 0; i < n; i++) {\n    x[i] = i;\n}\n", "a_b-c/d\\e|f", "don't. do not. 's 've n't",
    "<s>", "</s>", "<pad>", "<mask>", "a <mask> b", "a<mask>b", "[MASK] [CLS]", "[mask]", "<|endoftext|>", "x<|endoftext|>y <|im_start|>user\nhi<|im_end|>",
    "newtok", "anewtokb", "a newtok b", "NEWTOK", "café newtok", "wordy", "aswordyas wordy!", "▁▁ ▁a", "a▁b", "<0x41>", "\ufffd", "ǅ ǈ ǆ", "q\u0323\u0307", "ᾳ ΐ", "\u1100\u1161\u11a8",
    "ab" * 60, "x" * 120, "0" * 50, "the " * 30, "the" * 30, "日" * 40, "!" * 40, "aA1 " * 20, "\n" * 10, " " * 20 + "x",
]


def random_texts(n, seed):
    rng = random.Random(seed)
    words = sorted({w for w in CORPUS.split()})
    odd = [" ", "  ", "\n", "\t", "é", "e\u0301", "ß", "ñ", "中", "日本", "😀", "🇺🇸", "'s", "'RE", "123", "7", "!", "...", "—", "\u00a0", "ﷺ", "<mask>", "newtok", "wordy", "Q", "_", "\u200d", "ー"]
    return ["".join(rng.choice([rng.choice(words), rng.choice(odd), " " + rng.choice(words), rng.choice(odd)]) for _ in range(rng.randint(2, 12))) for _ in range(n)]


TEXTS = FIXED + random_texts(70, 7)
PAIRS = [("Hello world", "the fox"), ("", "a"), ("naïve", ""), ("a <mask>", "newtok b")]
LINES = CORPUS.split("\n") * 3
cases = []
CHARSMAP = b"none yet"

GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
LLAMA3 = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
DEEPSEEK = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def added():
    return [AddedToken("newtok", normalized=True), AddedToken("wordy", single_word=True, normalized=False), AddedToken("café", normalized=True)]


def record(name, tok):
    config = json.loads(tok.to_str().replace(base64.b64encode(CHARSMAP).decode(), "@charsmap0"))
    rows = []
    for text in TEXTS:
        with_special = tok.encode(text)
        plain = tok.encode(text, add_special_tokens=False)
        rows.append({"text": text, "ids": plain.ids, "all": with_special.ids,
                     "decoded": tok.decode(with_special.ids, skip_special_tokens=True),
                     "kept": tok.decode(with_special.ids, skip_special_tokens=False)})
    pairs = []
    for a, b in PAIRS:
        e = tok.encode(a, b)
        pairs.append({"text": a, "pair": b, "ids": e.ids, "types": e.type_ids})
    cases.append({"name": name, "json": config, "rows": rows, "pairs": pairs})
    print(name, tok.get_vocab_size(), flush=True)


def train(tok, trainer):
    tok.train_from_iterator(LINES, trainer)


def byte_level(name, pre, *, normalizer=None, post=None, specials=("<|endoftext|>", "<|im_start|>", "<|im_end|>"), size=700, ignore_merges=False, more=()):
    tok = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer is not None:
        tok.normalizer = normalizer
    tok.pre_tokenizer = pre
    tok.decoder = decoders.ByteLevel()
    train(tok, trainers.BpeTrainer(vocab_size=size, special_tokens=list(specials), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tok.add_tokens(added())
    tok.add_special_tokens(list(more))
    if post is not None:
        tok.post_processor = post(tok)
    record(name, tok)


seq = pre_tokenizers.Sequence
split = lambda p, behavior="isolated", invert=False: pre_tokenizers.Split(Regex(p), behavior, invert)
bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)

byte_level("gpt2", pre_tokenizers.ByteLevel(add_prefix_space=False), post=lambda t: processors.ByteLevel(trim_offsets=False))
byte_level("roberta", pre_tokenizers.ByteLevel(add_prefix_space=True), specials=("<s>", "<pad>", "</s>"), more=[AddedToken("<mask>", lstrip=True, special=True)],
           post=lambda t: processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>"))))
byte_level("llama3", seq([split(LLAMA3), bytes_only]), ignore_merges=True,
           post=lambda t: processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing("<|endoftext|> $A", "<|endoftext|> $A <|endoftext|>:1 $B:1", [("<|endoftext|>", t.token_to_id("<|endoftext|>"))])]))
byte_level("qwen2", seq([split(QWEN2), bytes_only]), normalizer=normalizers.NFC())
byte_level("o200k", seq([split(O200K, "removed", True), bytes_only]))
byte_level("deepseek", seq([split(r"\p{N}{1,3}"), split(r"[一-龥぀-ゟ゠-ヿ]+"), split(DEEPSEEK), bytes_only]))
byte_level("starcoder", seq([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)]))
byte_level("falcon", seq([pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Digits(False), split(r"[0-9][0-9][0-9]")]))
byte_level("bloom", seq([split(r""" ?[^(\s|[.,!?…。，、।۔،])]+"""), bytes_only]))
byte_level("clean", pre_tokenizers.ByteLevel(add_prefix_space=True), normalizer=normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip(True, True)]))


def llama2(name, normalizer, decoder, pre=None, fuse=True):
    tok = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=fuse))
    if normalizer is not None:
        tok.normalizer = normalizer
    if pre is not None:
        tok.pre_tokenizer = pre
    tok.decoder = decoder
    specials = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    train(tok, trainers.BpeTrainer(vocab_size=900, special_tokens=specials, limit_alphabet=120, show_progress=False))
    # Bytes are ordinary tokens, not looked for in the text.
    data = json.loads(tok.to_str())
    data["added_tokens"] = data["added_tokens"][:3]
    for t in data["added_tokens"]:
        t["normalized"] = False
    tok = Tokenizer.from_str(json.dumps(data))
    tok.add_tokens(added())
    tok.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s>:1 $B:1", [("<s>", 1)])
    record(name, tok)


llama_decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
llama2("llama2", normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), llama_decoder)
llama2("mistral", None, llama_decoder, pre_tokenizers.Metaspace("▁", "first", False))
llama2("gemma", normalizers.Replace(" ", "▁"), decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]), pre_tokenizers.Split(" ", "merged_with_previous"))


def no_bytes(name, fuse):
    tok = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=fuse, end_of_word_suffix="</w>"))
    tok.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tok.pre_tokenizer = pre_tokenizers.Whitespace()
    tok.decoder = decoders.BPEDecoder("</w>")
    train(tok, trainers.BpeTrainer(vocab_size=500, special_tokens=["<unk>"], end_of_word_suffix="</w>", limit_alphabet=80, show_progress=False))
    tok.add_tokens(added())
    record(name, tok)


no_bytes("openai-gpt", False)
no_bytes("openai-gpt-fused", True)

tok = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##"))
tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
train(tok, trainers.BpeTrainer(vocab_size=500, special_tokens=["<unk>"], continuing_subword_prefix="##", limit_alphabet=80, show_progress=False))
record("prefixed-bpe", tok)


def bert(name, post, **norm):
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer(**norm)
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.decoder = decoders.WordPiece("##", cleanup=True)
    train(tok, trainers.WordPieceTrainer(vocab_size=600, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    tok.add_tokens(added())
    tok.post_processor = post(tok)
    record(name, tok)


cls_sep = lambda t: processors.BertProcessing(("[SEP]", t.token_to_id("[SEP]")), ("[CLS]", t.token_to_id("[CLS]")))
template = lambda t: processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
bert("bert-uncased", template, lowercase=True)
bert("bert-cased", cls_sep, lowercase=False)
bert("bert-accents", cls_sep, lowercase=True, strip_accents=False, handle_chinese_chars=False, clean_text=False)
bert("bert-stripped", template, lowercase=False, strip_accents=True)

# The character map that SentencePiece compiles for its own models.
model = io.BytesIO()
spm.SentencePieceTrainer.train(sentence_iterator=iter(LINES), model_writer=model, vocab_size=400, model_type="unigram", minloglevel=2, character_coverage=0.98)


def field(message, wanted):
    """The bytes of a field of a protocol buffer."""
    at = 0

    def varint():
        nonlocal at
        n = shift = 0
        while True:
            b = message[at]
            at += 1
            n |= (b & 127) << shift
            shift += 7
            if b < 128:
                return n

    while at < len(message):
        tag = varint()
        size = {0: 0, 1: 8, 5: 4}.get(tag & 7)
        if size == 0:
            varint()
            continue
        size = varint() if size is None else size
        if tag >> 3 == wanted:
            return message[at:at + size]
        at += size
    raise KeyError(wanted)


CHARSMAP = field(field(model.getvalue(), 3), 2)


def unigram(name, normalizer, pre, decoder, byte_fallback=False):
    tok = Tokenizer(models.Unigram())
    if normalizer is not None:
        tok.normalizer = normalizer
    tok.pre_tokenizer = pre
    tok.decoder = decoder
    train(tok, trainers.UnigramTrainer(vocab_size=500, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    if byte_fallback:
        data = json.loads(tok.to_str())
        data["model"]["byte_fallback"] = True
        data["model"]["vocab"] += [[f"<0x{b:02X}>", 0.0] for b in range(256)]
        tok = Tokenizer.from_str(json.dumps(data))
    tok.add_tokens(added())
    tok.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True, special=True)])
    tok.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    record(name, tok)


meta = lambda **k: pre_tokenizers.Metaspace(**k)
unigram("xlm-roberta", normalizers.Sequence([normalizers.Precompiled(CHARSMAP), normalizers.Replace(Regex(" {2,}"), " ")]), seq([pre_tokenizers.WhitespaceSplit(), meta()]), decoders.Metaspace())
unigram("t5", normalizers.Precompiled(CHARSMAP), meta(prepend_scheme="always"), decoders.Metaspace())
unigram("albert", normalizers.Sequence([normalizers.Replace("``", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Precompiled(CHARSMAP)]), meta(prepend_scheme="first"), decoders.Metaspace(prepend_scheme="first"))
unigram("unigram-bytes", normalizers.Nmt(), meta(prepend_scheme="never"), decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="never")]), True)
unigram("scripts", None, seq([pre_tokenizers.UnicodeScripts(), pre_tokenizers.CharDelimiterSplit("-"), meta()]), decoders.Metaspace())


def words(name, pre, normalizer=None):
    tok = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tok.pre_tokenizer = pre
    if normalizer is not None:
        tok.normalizer = normalizer
    train(tok, trainers.WordLevelTrainer(vocab_size=300, special_tokens=["<unk>"], show_progress=False))
    record(name, tok)


words("words", pre_tokenizers.Whitespace())
words("words-lower", pre_tokenizers.WhitespaceSplit(), normalizers.Lowercase())
for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]:
    words(f"split-{behavior}", pre_tokenizers.Split(Regex(r"[aeiou\s]"), behavior))
    words(f"split-{behavior}-inverted", pre_tokenizers.Split(Regex(r"[a-z]+"), behavior, True))
    words(f"punctuation-{behavior}", pre_tokenizers.Punctuation(behavior))
words("fixed", pre_tokenizers.FixedLength(3))
words("digits", pre_tokenizers.Digits(False))

tok = Tokenizer(models.WordLevel({t: i for i, t in enumerate(["<pad>", "<unk>", "|", *"abcdefghijklmnopqrstuvwxyz'"])}, unk_token="<unk>"))
tok.pre_tokenizer = pre_tokenizers.Split("", "isolated")
tok.normalizer = normalizers.Replace(" ", "|")
tok.decoder = decoders.CTC()
ctc = json.loads(tok.to_str())
ctc_rows = [[0, 0, 10, 10, 0, 7, 0, 14, 14, 0, 14, 17, 2, 2, 25, 17, 20, 14, 6], [3, 3, 2, 2, 3], [], [0, 0], [29, 21, 2]]
ctc_case = {"json": ctc, "rows": [{"ids": ids, "decoded": tok.decode(ids)} for ids in ctc_rows]}

sp_cases = []
blobs = {}


def parts(model):
    """The parts of a file, its large character map by name, since many files have the same."""
    charsmap = field(field(model, 3), 2) if len(model) > 100_000 else b""
    if not charsmap:
        return [base64.b64encode(model).decode()]
    name = next((n for n, b in blobs.items() if b == charsmap), f"@charsmap{len(blobs)}")
    blobs[name] = charsmap
    before, after = model.split(charsmap)
    return [base64.b64encode(before).decode(), name, base64.b64encode(after).decode()]



def sentencepiece(name, **options):
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(sentence_iterator=iter(LINES), model_writer=model, minloglevel=2, **options)
    sp = spm.SentencePieceProcessor(model_proto=model.getvalue())
    texts = [t for t in TEXTS if "\0" not in t]
    rows = []
    for t in texts:
        ids = sp.encode(t)
        rows.append({"text": t, "ids": ids, "decoded": sp.decode(ids)})
    sp_cases.append({"name": name, "model": parts(model.getvalue()), "rows": rows,
                     "bos": sp.bos_id(), "eos": sp.eos_id(), "unk": sp.unk_id(), "size": sp.get_piece_size()})
    print("sentencepiece", name, sp.get_piece_size(), flush=True)


sentencepiece("unigram", model_type="unigram", vocab_size=400, character_coverage=0.98)
sentencepiece("unigram-bytes", model_type="unigram", vocab_size=650, character_coverage=0.98, byte_fallback=True)
sentencepiece("bpe", model_type="bpe", vocab_size=500, character_coverage=0.98)
sentencepiece("bpe-bytes", model_type="bpe", vocab_size=750, character_coverage=0.98, byte_fallback=True, split_digits=True)
sentencepiece("identity", model_type="unigram", vocab_size=400, normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=False, character_coverage=0.98)
sentencepiece("nfkc-cf", model_type="bpe", vocab_size=450, normalization_rule_name="nfkc_cf", character_coverage=0.98)
sentencepiece("symbols", model_type="unigram", vocab_size=450, user_defined_symbols=["<mask>", "newtok"], control_symbols=["<pad>"], character_coverage=0.98, bos_id=-1, eos_id=0, unk_id=1)
sentencepiece("bpe-symbols", model_type="bpe", vocab_size=450, user_defined_symbols=["<mask>", "newtok"], character_coverage=0.98)
sentencepiece("suffix", model_type="unigram", vocab_size=400, treat_whitespace_as_suffix=True, character_coverage=0.98)
sentencepiece("chars", model_type="char", vocab_size=200, character_coverage=0.98)
sentencepiece("words", model_type="word", vocab_size=120, character_coverage=0.98)

assert blobs["@charsmap0"] == CHARSMAP
blobs = {name: base64.b64encode(blob).decode() for name, blob in blobs.items()}
data = json.dumps({"blobs": blobs, "huggingface": cases, "ctc": ctc_case, "sentencepiece": sp_cases}, ensure_ascii=True).encode()
out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokenizers.json.gz")
with open(out, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
    f.write(data)
print(len(data), os.path.getsize(out))
