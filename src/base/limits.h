/* limits.h - every maximum in the program, in one place. A refusal names the limit and, where there is one, its setting. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#define LIMIT_PATH_BYTES ((size_t)4096)          /* a path, with its end */
#define LIMIT_FOLDER_DEPTH 64                    /* folders within folders below an added one */
#define LIMIT_WATCHED_PATHS 512                  /* changed at once; with more, everything is looked through */
#define LIMIT_SETTINGS_BYTES (1 * MIB)           /* assay.yaml */
#define LIMIT_SETTINGS_DEPTH 16                  /* mappings within mappings in it */
#define LIMIT_SETTINGS_NODES ((size_t)10000)     /* values in it, after aliases are counted */
#define LIMIT_DOCUMENT_BYTES_DEFAULT (64 * MIB)  /* one document; setting documents_max_mb */
#define LIMIT_DOCUMENT_BYTES_MAX (512 * MIB)     /* what that setting can be raised to */
#define LIMIT_CONTAINER_BYTES (1 * GIB)          /* an archive, as a file */
#define LIMIT_CONTAINER_UNPACKED (16 * GIB)      /* all its members together */
#define LIMIT_EXTRACT_BYTES (256 * MIB)          /* the text of a document whose bytes are none */
#define LIMIT_EXTRACT_BLOCKS ((size_t)8 << 20)   /* paragraphs, items, rows in it */
#define LIMIT_READER_MEMORY (2 * GIB)            /* what the reader of such a document may take */
#define LIMIT_GRAMMAR_BYTES (8 * MIB)            /* source code that is given to tree-sitter */
#define LIMIT_GRAMMAR_MEMORY (1 * GIB)           /* what it may take for that */
#define LIMIT_GRAMMAR_SECONDS 5                  /* and how long, and two more for each MiB */
#define LIMIT_GRAMMAR_PARTS ((size_t)1 << 20)    /* functions and classes that it may find in it */
#define LIMIT_GRAMMAR_FAILURES 3 /* files one after the other that a grammar did not read, until it is not asked any more */
#define LIMIT_UNPACK_MEMORY (5 * GIB) /* what may be taken to unpack an archive */
#define LIMIT_READER_SECONDS 20 /* and how long, and a second more for each MiB of the document */
#define LIMIT_EXTRACT_NOTES ((size_t)16) /* what is said of how one document was read */
#define LIMIT_TITLE_BYTES ((size_t)512) /* a document's title */
#define LIMIT_HEADING_BYTES ((size_t)512) /* one heading */
#define LIMIT_HEADING_DEPTH 6 /* headings above a passage */
#define LIMIT_TERM_BYTES ((size_t)128) /* one indexed word; a longer one is cut */
#define LIMIT_PASSAGE_TOKENS_MAX 4096 /* setting passages.tokens */
#define LIMIT_QUERY_BYTES (64 * KIB) /* one question */
#define LIMIT_QUERY_TERMS 1024 /* words of it that are looked up */
#define LIMIT_RESULTS 10000 /* k */
#define LIMIT_FILTER_BYTES (8 * KIB) /* one filter */
#define LIMIT_FILTER_PARTS ((size_t)256) /* comparisons, values and joining words in it */
#define LIMIT_FILTER_DEPTH 12 /* parentheses and "not" within each other in it */
#define LIMIT_METADATA_KEYS ((size_t)64) /* a document's own */
#define LIMIT_METADATA_VALUES ((size_t)1024) /* of all of them together: lists have several */
#define LIMIT_METADATA_KEY_BYTES ((size_t)64)
#define LIMIT_METADATA_BYTES (1 * KIB) /* one value; a longer one is cut */
#define LIMIT_LABEL_BYTES ((size_t)255) /* a label, or a group of a key */
#define LIMIT_LABELS_FILE_BYTES (64 * MIB) /* labels.csv */
#define LIMIT_KEYS 10000 /* of a project */
#define LIMIT_KEY_NAME_BYTES ((size_t)64)
#define LIMIT_KEY_GROUPS ((size_t)64) /* of one key; labels of one document too */
#define LIMIT_VIEWS 16 /* what principals and filters see, kept for the next search */
#define LIMIT_TEXT_BYTES (16 * MIB) /* one text for a model: a line of `embed` and `tokenize` */
#define LIMIT_SEGMENT_BYTES (4 * GIB) /* one index file */
#define LIMIT_VECTOR_DIMENSIONS ((size_t)16384) /* numbers in one vector of the index */
#define LIMIT_BATCH_BYTES (16 * MIB) /* text written in one transaction of `add` */
#define LIMIT_BATCH_DOCUMENTS 512 /* documents in it */
#define LIMIT_BATCH_MADE (64 * MIB) /* what was made of them; a batch is read while one is written and one is indexed */
#define LIMIT_THREADS 256
#define LIMIT_COLLECTION_BYTES (4 * GIB) /* corpus, questions or judgements of `eval`, unpacked */
#define LIMIT_CASES_BYTES (64 * MIB) /* eval.jsonl, when a case is added to it from outside */
#define LIMIT_JSON_BYTES (1 * GIB) /* one document written */
#define LIMIT_REPORT_BYTES (512 * MIB) /* report.json of `decide`, eval.json of `eval` */
#define LIMIT_JSON_DEPTH 128 /* arrays and objects within each other in one read */
#define LIMIT_JSON_VALUES ((size_t)16 << 20) /* values in it */
#define LIMIT_REQUEST_VALUES ((size_t)1 << 19) /* values in one request to the server: 80 bytes each are held */
#define LIMIT_TENSORS_HEAD_BYTES ((size_t)100000000) /* the head of a safetensors file, as in the reference */
#define LIMIT_MODEL_CONFIG_BYTES (8 * MIB) /* config.json and its neighbours */
#define LIMIT_TENSORS ((size_t)1 << 20) /* tensors in one file */
#define LIMIT_TOKENIZER_BYTES (256 * MIB) /* tokenizer.json */
#define LIMIT_TOKENIZER_TOKENS ((size_t)4 << 20) /* tokens in its vocabulary */
#define LIMIT_VECTORS_BYTES (4 * GIB) /* vectors held for an .npy file that goes into a pipe */
#define LIMIT_TOKENIZER_TEXT_BYTES (16 * KIB) /* one text in it: a token, a pattern, a replacement */
#define LIMIT_TOKENIZER_PARTS ((size_t)256) /* normalizers, pre-tokenizers, decoders or post-processors in it */
#define LIMIT_NORMALIZED_BYTES (32 * MIB) /* what a tokenizer makes of a text on its way, or four times the text */
#define LIMIT_NORMALIZED_GROWTH ((size_t)32) /* and how many times the text; NFKC and bytes as characters make 22 of one */
#define LIMIT_NORMALIZED_ROUNDS ((size_t)16) /* and how many times that all its steps may write together */
#define LIMIT_DECODED_BYTES (256 * MIB) /* the text of a line of tokens */
#define LIMIT_PIECE_STEPS ((uint64_t)256) /* for each byte of a text, to look for tokens */
#define LIMIT_TEMPLATE_TEXTS ((size_t)4) /* how often a post-processor may put in one text */
#define LIMIT_ADDED_TOKENS ((size_t)1024) /* that post-processors add to a text */
#define LIMIT_ARCHIVE_ENTRIES ((size_t)100000) /* of one zip or tar */
#define LIMIT_ARCHIVE_RATIO 300 /* unpacked to packed size of an entry past 8 MiB; office documents stay below 200 */
#define LIMIT_GIT_INDEX_BYTES (256 * MIB) /* of a Git repository, and the names in it */
#define LIMIT_XML_DEPTH 512 /* elements within each other */
#define LIMIT_XML_ATTRIBUTES 256 /* of one element, and prefixes declared at once */
#define LIMIT_EXAMPLES_BYTES (1 * GIB) /* a file of examples for fine-tuning, unpacked */
#define LIMIT_EXAMPLES ((size_t)4 << 20) /* examples in it */
#define LIMIT_EXAMPLE_BYTES (1 * MIB) /* one text of an example */
#define LIMIT_EXAMPLES_LABELS ((size_t)10000) /* different labels */
#define LIMIT_EXAMPLES_REJECTED ((size_t)10000) /* records that are told one by one; past them they are counted */
#define LIMIT_ALIKE_TEXTS ((size_t)64 << 20) /* texts compared with each other: passages of a project */
#define LIMIT_AUDIT_BYTES (2 * GIB) /* documents that an audit holds in memory */
#define LIMIT_PDF_PAGES ((size_t)20000) /* of one document */
#define LIMIT_PDF_PIECES ((size_t)1 << 20) /* runs of text in one document */
#define LIMIT_PDF_OUTPUT_BYTES (256 * MIB) /* what poppler makes of one document */
#define LIMIT_PDF_MEMORY_BYTES (1 * GIB) /* that poppler may take for it */
#define LIMIT_PDF_SECONDS 60 /* that it may take */
#define LIMIT_OCR_SECONDS 300 /* that reading them may take */
#define LIMIT_OCR_PAGES ((size_t)500) /* scanned pages read of one document */
#define LIMIT_URL_BYTES ((size_t)4000) /* an address on the web: it is a document's path */
#define LIMIT_ROBOTS_BYTES (512 * KIB) /* robots.txt; what is behind is not read */
#define LIMIT_SITEMAP_BYTES (50 * MIB) /* one sitemap, unpacked, as sitemaps.org has it */
#define LIMIT_SITEMAP_ENTRIES ((size_t)50000) /* in it; the same */
#define LIMIT_SITEMAPS ((size_t)1000) /* of one site */
#define LIMIT_SITE_PAGES ((size_t)200000) /* of one site */
#define LIMIT_REDIRECTS 5 /* followed for one page */
#define LIMIT_RESPONSE_HEAD_BYTES (64 * KIB) /* what stands before an answer's bytes */
#define LIMIT_CRAWL_DELAY_MS 30000 /* between two requests, when robots.txt asks for more */
#define LIMIT_BODY_BYTES_DEFAULT (64 * MIB) /* one request to the server; setting server.body_max_mb */
#define LIMIT_BODY_BYTES_MAX (512 * MIB) /* what that setting can be raised to */
#define LIMIT_STORES 10000 /* vector stores of one key */
#define LIMIT_RECORDS_BYTES_DEFAULT (256 * MIB) /* what is kept of one key's jobs and evals; setting server.records_max_mb */
#define LIMIT_RECORDS_BYTES_MAX (4096 * MIB) /* what that setting can be raised to */
#define LIMIT_RECORDS_KEYS 16 /* all keys together may fill so many times that */
#define LIMIT_CLIENT_WAIT_S_DEFAULT ((size_t)15) /* for a slow client's body; setting server.client_wait_s */
#define LIMIT_CONNECTIONS ((size_t)10000) /* of the server, as far as the system lets it have descriptors */
#define LIMIT_EMBEDDING_INPUTS ((size_t)2048) /* texts of one request to the server */
#define LIMIT_ARENA_BYTES (4 * GIB) /* one arena */

#endif
