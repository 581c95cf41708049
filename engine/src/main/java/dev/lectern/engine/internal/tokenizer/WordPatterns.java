package dev.lectern.engine.internal.tokenizer;

/// The regular expressions by which the families' tokenizers cut words, in Oniguruma's spelling, as their
/// tokenizer.json files have them (llama.cpp's `llama-vocab.cpp` lists most).
final class WordPatterns {
    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String PUNCTUATION = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String PUNCTUATION_AND_SLASHES = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";
    private static final String SPACE = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /// GPT-2's, built into `ByteLevel`.
    static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /// Llama 3's (tiktoken's cl100k_base).
    static final String LLAMA3 =
            CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|" + PUNCTUATION + "|" + SPACE;

    /// Qwen 2's: Llama 3's with single digits.
    static final String QWEN2 = CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|" + PUNCTUATION + "|" + SPACE;

    /// Qwen 3.5's: Qwen 2's with marks in words.
    static final String QWEN35 =
            CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|" + SPACE;

    /// MiniCPM 5's, after its digits: Llama 3's with runs of digits.
    static final String MINICPM5 = CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}+|" + PUNCTUATION + "|" + SPACE;

    /// Seed-Coder's: Qwen 2's with line ends apart from punctuation.
    static final String SEED_CODER = CONTRACTION
            + "|[^\r\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\r\n]+|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

    /// Ling's (BailingMoE).
    static final String BAILING = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";

    private static final String LOWER_END =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
    private static final String UPPER_START =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";

    /// Llama 4's and GPT-OSS's (tiktoken's o200k_base): words also end where capitals begin.
    static final String LLAMA4 = LOWER_END + CONTRACTION + "?|" + UPPER_START + CONTRACTION + "?|\\p{N}{1,3}|"
            + PUNCTUATION_AND_SLASHES + "|" + SPACE;

    /// Youtu's: Llama 4's with single digits.
    static final String YOUTU = LOWER_END + CONTRACTION + "?|" + UPPER_START + CONTRACTION + "?|\\p{N}|"
            + PUNCTUATION_AND_SLASHES + "|" + SPACE;

    /// Mistral Nemo's (Tekken): Llama 4's with single digits and without contractions.
    static final String TEKKEN = LOWER_END + "|" + UPPER_START + "|\\p{N}|" + PUNCTUATION_AND_SLASHES + "|" + SPACE;

    /// Kimi K2's: Llama 4's with runs of Han apart (its `tokenization_kimi.py`).
    static final String KIMI = "[\\p{Han}]+"
            + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+" + CONTRACTION + "?"
            + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*" + CONTRACTION + "?"
            + "|\\p{N}{1,3}|" + PUNCTUATION + "|" + SPACE;

    /// DeepSeek V3's, after its digits and its [#CJK_RUN].
    static final String DEEPSEEK_V3 = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
            + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

    /// Han, Hiragana and Katakana.
    static final String CJK_RUN = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";

    /// Youtu's scripts that stand apart.
    static final String YOUTU_SCRIPTS = "[\uAC00-\uD7A3\u3131-\u318E]+"
            + "|[\uFF01\u2026\u201C\u201D\u2018\u2019\u2014\uFF1A\uFF1B\uFF0C\u3001-\u303F\uFE30-\uFE4F]+"
            + "|[\u3105-\u312F]+|" + CJK_RUN;

    /// One line end, as the first DeepSeek models cut.
    static final String LINE_END = "[\r\n]";

    /// Han and more, as the first DeepSeek models have it.
    static final String DEEPSEEK_CJK = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";

    static final String DEEPSEEK_PUNCTUATION = "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";

    /// Letters with case, listed one by one.
    static final String DEEPSEEK_LETTERS =
            "\\s?[A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-"
                    + "\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1"
                    + "\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-"
                    + "\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18"
                    + "-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4"
                    + "\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2"
                    + "-\u1FF4\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-"
                    + "\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-"
                    + "\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-"
                    + "\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\uD801\uDC00-\uD801"
                    + "\uDC4F\uD801\uDCB0-\uD801\uDCD3\uD801\uDCD8-\uD801\uDCFB\uD803\uDC80-\uD803\uDCB2\uD803"
                    + "\uDCC0-\uD803\uDCF2\uD806\uDCA0-\uD806\uDCDF\uD83A\uDD00-\uD83A\uDD43]+";

    /// Bloom's and Poro's.
    static final String BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+";

    /// Falcon's punctuation, before GPT-2's words.
    static final String FALCON_PUNCTUATION = "[\\p{P}\\$\\+<=>\\^~\\|`]+";

    /// What llama.cpp does for files that name no pattern: this punctuation, then GPT-2's words.
    static final String DEFAULT_PUNCTUATION = "[\\p{P}\\$\\+<=>\\^~\\|]+";

    static final String DEEPSEEK_CODER_LETTERS = "\\s?\\p{L}+";

    static final String DEEPSEEK_CODER_PUNCTUATION = "\\s?\\p{P}+";

    static final String TRAILING_SPACE = "\\s+$";

    static final String DIGITS = "\\p{N}+";

    static final String UP_TO_THREE_DIGITS = "\\p{N}{1,3}";

    static final String THREE_DIGITS = "[0-9][0-9][0-9]";

    /// Lines and what ends them, in vocabularies of SentencePiece's kind with listed merges (Gemma 4).
    static final String LINES = "[^\\n]+|[\\n]+";

    private WordPatterns() {}
}
