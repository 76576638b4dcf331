import "../../../lib/backend/index.browser";
