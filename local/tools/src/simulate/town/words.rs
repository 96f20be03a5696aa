//! The words of purposes and the names of people in the languages of the countries.

/// A language; its position is that of its entry in the lists of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
    French,
    Spanish,
    Italian,
    Dutch,
    Portuguese,
    Polish,
    Japanese,
    Turkish,
}

/// The meaning of a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Salary,
    Bonus,
    Rent,
    Deposit,
    Invoice,
    Gift,
    Wedding,
    Savings,
    Donation,
    Dinner,
    Loan,
    Fees,
    Tax,
    Pension,
    Benefit,
    Refund,
    Insurance,
    Phone,
    Power,
    Family,
    Order,
    Car,
}

/// A language's word or phrase for a purpose.
pub(super) fn word(language: Language, word: Word) -> &'static str {
    // In the order of the languages above.
    let phrases = match word {
        Word::Salary => {
            "Salary|Gehalt|Salaire|Nómina|Stipendio|Salaris|Salário|Wynagrodzenie|給与|Maaş"
        }
        Word::Bonus => {
            "Bonus|Sonderzahlung|Prime annuelle|Aguinaldo|Tredicesima|Bonus|13º salário|\
             Premia|賞与|İkramiye"
        }
        Word::Rent => "Rent|Miete|Loyer|Alquiler|Affitto|Huur|Aluguel|Czynsz|家賃|Kira",
        Word::Deposit => {
            "House deposit|Anzahlung Haus|Acompte maison|Pie casa|Caparra casa|\
             Aanbetaling huis|Sinal casa|Zadatek dom|手付金|Ev kaparası"
        }
        Word::Invoice => {
            "Invoice|Rechnung|Facture|Factura|Fattura|Factuur|Fatura|Faktura|請求書|Fatura"
        }
        Word::Gift => "Gift|Geschenk|Cadeau|Regalo|Regalo|Cadeau|Presente|Prezent|お祝い|Hediye",
        Word::Wedding => {
            "Congratulations!|Alles Gute zur Hochzeit|Félicitations aux mariés|\
             Para los novios|Auguri agli sposi|Gefeliciteerd|Felicidades aos noivos|\
             Na nową drogę życia|ご結婚祝い|Düğün hediyesi"
        }
        Word::Savings => {
            "Savings|Sparen|Épargne|Ahorro|Risparmi|Spaarrekening|Poupança|Oszczędności|積立|\
             Birikim"
        }
        Word::Donation => {
            "Winter appeal|Spende|Don|Donación|Donazione|Gift actie|Doação|Darowizna|寄付|\
             Bağış"
        }
        Word::Dinner => "Dinner|Abendessen|Resto|Cena|Cena|Etentje|Jantar|Kolacja|飲み会|Yemek",
        Word::Loan => {
            "Loan|Darlehen|Prêt|Préstamo|Prestito|Lening|Empréstimo|Pożyczka|ローン|Kredi"
        }
        Word::Fees => {
            "Fees|Beitrag|Cotisation|Cuota|Quota|Contributie|Mensalidade|Składka|会費|Aidat"
        }
        Word::Tax => "Tax|Steuer|Impôt|Impuesto|Imposta|Belasting|Imposto|Podatek|税金|Vergi",
        Word::Pension => {
            "Pension|Rente|Retraite|Pensión|Pensione|Pensioen|Aposentadoria|Emerytura|年金|\
             Emekli maaşı"
        }
        Word::Benefit => {
            "Child benefit|Kindergeld|Allocations familiales|Subsidio familiar|\
             Assegno unico|Kinderbijslag|Abono de família|Świadczenie 800+|児童手当|\
             Çocuk yardımı"
        }
        Word::Refund => {
            "Refund|Erstattung|Remboursement|Devolución|Rimborso|Terugbetaling|Reembolso|\
             Zwrot|返金|İade"
        }
        Word::Insurance => {
            "Premium|Versicherungsbeitrag|Prime d'assurance|Póliza|Polizza|Premie|\
             Prêmio seguro|Polisa|保険料|Sigorta"
        }
        Word::Phone => {
            "Mobile|Mobilfunk|Forfait mobile|Celular|Cellulare|Mobiel|Celular|Telefon|携帯|\
             Telefon"
        }
        Word::Power => {
            "Electricity|Strom Abschlag|Électricité|Cuenta luz|Bolletta luce|Energie|\
             Conta de luz|Prąd|電気代|Elektrik"
        }
        Word::Family => {
            "For the family|Für die Familie|Pour la famille|Para la familia|\
             Per la famiglia|Voor familie|Para a família|Dla rodziny|仕送り|Aile için"
        }
        Word::Order => {
            "Order|Bestellung|Commande|Pedido|Ordine|Bestelling|Pedido|Zamówienie|注文|\
             Sipariş"
        }
        Word::Car => "Car|Auto|Voiture|Auto|Macchina|Auto|Carro|Samochód|車|Araba",
    };
    phrases.split('|').nth(language as usize).unwrap_or_default()
}

/// First names and family names in the countries of a language.
pub(super) fn names(language: Language) -> (Vec<&'static str>, Vec<&'static str>) {
    let (first, last) = match language {
        Language::English => (
            "Olivia|Oliver|Amelia|George|Priya|Noah|Grace|Daniel|Aisha|James|Sarah|\
             Kwame",
            "Smith|Jones|Patel|Brown|Taylor|Okafor|Wilson|Khan|Evans|Murphy|Njoroge|\
             Singh",
        ),
        Language::German => (
            "Anna|Lukas|Mia|Jonas|Lena|Paul|Jürgen|Sabine|Uwe|Heike|Murat|Katrin",
            "Müller|Schmidt|Schneider|Fischer|Weber|Yılmaz|Wagner|Becker|Schulz|\
             Hoffmann|Nowak|Bauer",
        ),
        Language::French => (
            "Camille|Léa|Hugo|Lucas|Chloé|Amine|Manon|Nathalie|Yves|Sophie|Karim|\
             Élodie",
            "Martin|Bernard|Dubois|Petit|Durand|Benali|Moreau|Laurent|Lefèvre|Garcia|\
             Roux|Diallo",
        ),
        Language::Spanish => (
            "María|José|Camila|Diego|Valentina|Juan|Francisca|Luis|Carmen|Pedro|Ana|\
             Matías",
            "González|Muñoz|Rojas|Díaz|Pérez|Soto|Contreras|Silva|Martínez|Sepúlveda|\
             Núñez|Torres",
        ),
        Language::Italian => (
            "Giulia|Marco|Sofia|Luca|Martina|Matteo|Chiara|Paolo|Elena|Giorgio|\
             Fatima|Andrea",
            "Rossi|Russo|Ferrari|Esposito|Bianchi|Romano|Colombo|Ricci|Marino|Greco|\
             Hu|Conti",
        ),
        Language::Dutch => (
            "Emma|Daan|Sanne|Bram|Lotte|Sem|Femke|Pieter|Fatma|Joost|Anouk|Kees",
            "de Jong|Jansen|de Vries|Bakker|Visser|Smit|Meijer|Mulder|Bos|El Amrani|\
             Peters|Dekker",
        ),
        Language::Portuguese => (
            "Ana|João|Beatriz|Pedro|Mariana|Tiago|Camila|Rafael|Inês|Lucas|Sofia|\
             Paulo",
            "Silva|Santos|Ferreira|Pereira|Oliveira|Costa|Rodrigues|Almeida|Souza|\
             Lima|Gomes|Ribeiro",
        ),
        Language::Polish => (
            "Anna|Piotr|Katarzyna|Tomasz|Agnieszka|Paweł|Ewa|Michał|Oksana|Jan|Zofia|\
             Łukasz",
            "Nowak|Kowalski|Wiśniewski|Wójcik|Kamiński|Lewandowski|Zieliński|\
             Szymański|Shevchenko|Dąbrowski|Mazur|Król",
        ),
        Language::Japanese => (
            "翔太|美咲|健太|さくら|大輔|陽子|直樹|優子|拓也|恵|誠|由美",
            "佐藤|鈴木|高橋|田中|伊藤|渡辺|山本|中村|小林|加藤|吉田|山田",
        ),
        Language::Turkish => (
            "Ayşe|Mehmet|Zeynep|Mustafa|Elif|Ahmet|Fatma|Emre|Merve|Can|Hatice|Burak",
            "Yılmaz|Kaya|Demir|Şahin|Çelik|Yıldız|Öztürk|Aydın|Arslan|Doğan|Kılıç|Koç",
        ),
    };
    (first.split('|').collect(), last.split('|').collect())
}
