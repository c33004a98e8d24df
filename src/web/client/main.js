// Puts the client together: state, connection, views.

import { patch } from './lib/dom.js';
import { app } from './views/app.js';

patch(document.getElementById('app'), app({ phase: 'starting' }, {}));
