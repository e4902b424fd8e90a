import express, { type Express } from 'express'
import swaggerFolder from 'swagger-ui-dist/absolute-path.js'

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seedbed tracker: API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })
`

const ASSETS = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png'])

/** Serves the document at /openapi.json and pages to browse it at /docs; nothing is loaded from elsewhere. */
export function serveDocs(app: Express, document: object): void {
  const files = express.static(swaggerFolder(), { index: false, dotfiles: 'deny', maxAge: '1h' })
  const text = JSON.stringify(document)
  app.get('/openapi.json', (_req, res) => void res.type('json').send(text))
  app.get('/docs', (_req, res) => void res.type('html').send(PAGE))
  app.get('/docs/start.js', (_req, res) => void res.type('js').send(START))
  app.use('/docs', (req, res, next) => (ASSETS.has(req.path) ? files(req, res, next) : next()))
}
